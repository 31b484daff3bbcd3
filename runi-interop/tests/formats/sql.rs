//! SQL: what is written is parsed by its dialect, and read back.

use crate::support::{any_contract, assert_named, contracts, one, read, read_with, shown, text};
use proptest::prelude::*;
use runi_interop::export::{self, Exported};
use runi_interop::import::{Format, Options};
use runi_lang::model::Contract;

const DIALECTS: [&str; 8] = ["generic", "postgres", "mysql", "sqlite", "snowflake", "bigquery", "duckdb", "spark"];

const SHOP: &str = r#"
Contract: OrderItem
  """What was ordered; it's one line of an order."""
  @version(1.0.0)

  id        int64           @required
  order_id  int64           @required
  sku       string          @required @length(min=3, max=12) "The article's number"
  price     decimal(10, 2)  @required @range(min=0)
  state     enum(open, "on its way", paid) @required @default("open")
  weight    float32         @range(min=0, exclusive=true)
  email     string          @pii(email) @format(email)
  ref       string          @format(uuid) @unique
  paid_at   timestamp(UTC)
  shipped   timestamp(ms)
  tags      list<string>
  address   struct<street: string, city: string>
  group     boolean         @default(false)

  @key(id)
  @unique(order_id, sku)
  @rule "paid is dated": state <> 'paid' or paid_at is not null
  @rule "late": paid_at > shipped + interval '1 day'
  @references(order_id, Order.id)

Contract: Order
  id      int64  @required
  placed  date   @required @range(min=2020-01-01)

  @key(id)
"#;

fn write(contracts: &[Contract], dialect: &str) -> Exported {
    export::export(export::Format::Sql, contracts, &export::Options { dialect: Some(dialect.to_owned()) }).unwrap()
}

fn back(text: &str, dialect: &str) -> Vec<Contract> {
    let options = Options { dialect: Some(dialect.to_owned()), ..Options::default() };
    read_with(Format::Sql, text.as_bytes(), &options).unwrap_or_else(|error| panic!("{dialect}: {error}\n{text}")).contracts
}

#[test]
fn tables_in_every_dialect() {
    let shop = contracts(SHOP);
    let names = ["sql_generic", "sql_postgres", "sql_mysql", "sql_sqlite", "sql_snowflake", "sql_bigquery", "sql_duckdb", "sql_spark"];
    for (dialect, name) in DIALECTS.into_iter().zip(names) {
        assert_eq!(name, format!("sql_{dialect}"));
        let exported = write(&shop, dialect);
        insta::assert_snapshot!(name, format!("{}\n/* lost:\n{}*/\n", one(&exported), shown(&exported.losses)));
    }
}

#[test]
fn what_databases_refuse_is_not_written() {
    let odd = contracts(
        "Contract: Odd\n  id string @required \"it's \\\\ one\"\n  seen timestamp(UTC)\n  late timestamp(UTC, ns)\n  note string @default(\"it's\")\n  @key(id)\n\nContract: Child\n  id int64 @required\n  parent string\n  @key(id)\n  @references(parent, Odd.id)\n",
    );
    // `with` is no word of a type in SQLite.
    let written = write(&odd, "sqlite");
    let sqlite = one(&written);
    assert!(sqlite.contains("seen TIMESTAMPTZ,") && sqlite.contains("late TIMESTAMPTZ(9),") && !sqlite.contains("WITH"), "{sqlite}");
    // Spark reads two quotes as the end of one text and the start of another.
    let written = write(&odd, "spark");
    let spark = one(&written);
    assert!(spark.contains(r"COMMENT 'it\'s \\ one'") && spark.contains(r"DEFAULT 'it\'s'"), "{spark}");
    let read_back = back(spark, "spark");
    let found = read_back.iter().find(|contract| contract.name == "Odd").unwrap();
    assert_eq!(found.field("id").unwrap().description, "it's \\ one");
    // MySQL takes a default of text without bounds as an expression only, and refers only with bounded text.
    let written = write(&odd, "mysql");
    let mysql = one(&written);
    assert!(mysql.contains("note LONGTEXT DEFAULT ('it''s')") && mysql.contains("parent VARCHAR(255)"), "{mysql}");
    assert_eq!(
        back(mysql, "mysql").iter().find(|contract| contract.name == "Odd").unwrap().field("note").unwrap().default.as_deref(),
        Some("'it''s'")
    );
}

#[test]
fn a_dump_of_postgres() {
    let dump = r#"
SET statement_timeout = 0;
CREATE TYPE public.mood AS ENUM ('happy', 'sad');
CREATE TABLE public.customers (
    id bigint NOT NULL,
    "Name" character varying(80) NOT NULL,
    mood public.mood DEFAULT 'happy'::public.mood,
    age smallint,
    side text,
    joined timestamp with time zone DEFAULT now() NOT NULL,
    balance numeric(12,2) DEFAULT 0.00,
    tags text[],
    doc jsonb,
    area point,
    CONSTRAINT adult CHECK ((age >= 18)),
    CHECK (age < 150),
    CONSTRAINT side_check CHECK ((side = ANY (ARRAY['buy'::text, 'sell'::text])))
);
ALTER TABLE public.customers OWNER TO shop;
COMMENT ON TABLE public.customers IS 'Who buys.';
COMMENT ON COLUMN public.customers.age IS 'In years';
CREATE TABLE public.orders (
    id serial,
    customer_id bigint REFERENCES customers,
    parent integer REFERENCES orders (id),
    quantity integer CHECK (quantity > 0 AND quantity <= 10),
    code char(3) CHECK (code IN ('EUR', 'USD')),
    total double precision GENERATED ALWAYS AS (quantity * 2) STORED,
    PRIMARY KEY (id)
);
ALTER TABLE ONLY public.customers ADD CONSTRAINT customers_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX by_name ON public.customers USING btree ("Name");
CREATE VIEW v AS SELECT 1;
FROBNICATE everything;
"#;
    let options = Options { dialect: Some("postgres".to_owned()), ..Options::default() };
    let imported = read_with(Format::Sql, dump.as_bytes(), &options).unwrap();
    insta::assert_snapshot!("sql_postgres_dump", format!("{}\n{}", text(&imported.contracts), shown(&imported.losses)));
}

#[test]
fn what_is_no_table_is_an_error_with_a_code() {
    let types = format!("create table t (a {}int{})", "array<".repeat(5000), ">".repeat(5000));
    let deep = format!("create table t (a int check ({}a > 0{}))", "(".repeat(5000), ")".repeat(5000));
    let cases: [(&[u8], &str); 7] = [
        (b"", "E1001"),
        (b"\xff\xfe", "E1001"),
        (b"select 1", "E1001"),
        (b"create table t (a int", "E1001"),
        (b"create table t (a int) nonsense", "E1001"),
        (types.as_bytes(), "E1002"),
        (deep.as_bytes(), "E1002"),
    ];
    for (bytes, code) in cases {
        let error = read(Format::Sql, bytes).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
    let unknown = Options { dialect: Some("postgress".to_owned()), ..Options::default() };
    let error = read_with(Format::Sql, b"create table t (a int)", &unknown).unwrap_err();
    assert!(error.to_string().contains("did you mean `postgres`?"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_difference_is_a_loss(contract in any_contract()) {
        for dialect in DIALECTS {
            let exported = write(std::slice::from_ref(&contract), dialect);
            let read = back(one(&exported), dialect);
            assert_named(&contract, &read[0], &exported.losses);
        }
    }

    #[test]
    fn any_text_is_answered(text in "(create table t \\([a-z ,()<>'\"]{0,80}\\);?|.{0,80})") {
        let _ = read(Format::Sql, text.as_bytes());
    }
}

#[test]
fn chains_that_no_stack_holds_are_refused() {
    let casts = "::int".repeat(200_000);
    let ands = "a < b and ".repeat(100_000);
    for check in [format!("a{casts} > 0"), format!("{ands} a < b")] {
        let error = read(Format::Sql, format!("create table t (a int, b int, check ({check}))").as_bytes()).unwrap_err();
        assert_eq!(error.code(), "E1002", "{error}");
        let text = format!("create table t (a int);\ncreate view v as select a from t where {check};");
        let imported = read(Format::Sql, text.as_bytes()).unwrap();
        assert!(imported.contracts.len() == 1 && shown(&imported.losses).contains("it is left out"), "{}", shown(&imported.losses));
    }
    let fine = ["a < b"; 200].join(" and ");
    assert!(read(Format::Sql, format!("create table t (a int, b int, check ({fine}))").as_bytes()).is_ok());
}
