//! JSON Schema: there and back, by its own meta-schema, and with data that both sides judge.

use crate::support::{as_said, contract, export, import, losses, problems, read};
use proptest::prelude::*;
use runi_interop::export::Format as To;
use runi_interop::import::Format as From;
use runi_lang::syntax::write;
use serde_json::{Value, json};

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_contract_comes_back_as_it_was(contract in contract()) {
        let (text, _) = export(To::JsonSchema, &contract);
        let imported = as_said(From::JsonSchema, "a.schema.json", &text);
        let imported = imported.map_err(|error| TestCaseError::fail(format!("{}\n{text}", problems("a.schema.json", &text, &error))))?;
        prop_assert_eq!(&imported.contracts, &vec![contract], "{}", text);
        prop_assert_eq!(losses(&imported), "", "{}", text);
    }

    #[test]
    fn what_is_written_is_valid_by_the_meta_schema(contract in contract()) {
        let (text, _) = export(To::JsonSchema, &contract);
        let document: Value = serde_json::from_str(&text).unwrap();
        prop_assert!(jsonschema::meta::validate(&document).is_ok(), "{}", text);
        prop_assert!(jsonschema::validator_for(&document).is_ok(), "{}", text);
    }

    #[test]
    fn no_schema_is_fatal(schema in schema()) {
        let text = serde_json::to_string_pretty(&schema).unwrap();
        match import(From::JsonSchema, "a.schema.json", &text) {
            Ok(imported) => {
                let written = write::file(&imported.contracts);
                prop_assert!(written.is_ok(), "{written:?}\n{text}");
            }
            Err(error) => prop_assert!(error.code() == "E1001", "{}", error),
        }
    }
}

/// Schemas that make sense here and there.
fn schema() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        (-5..300_i64).prop_map(Value::from),
        "[a-z\n\"]{0,3}".prop_map(Value::from),
        Just(json!(1e30)),
        Just(json!(-0.5))
    ];
    let reference =
        prop::sample::select(vec!["#", "#/properties/a", "#/$defs/x", "#/$defs/y", "#nowhere", "https://example.com/x.json", "b.json"]);
    let kind = prop::sample::select(vec!["string", "number", "integer", "boolean", "object", "array", "null", "strnig"]);
    let keyword = prop::sample::select(vec![
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "const",
        "default",
        "title",
        "description",
        "pattern",
        "format",
        "deprecated",
        "required",
        "uniqueItems",
        "contentEncoding",
        "x-runi-type",
        "x-runi-range",
    ]);
    let leaf = prop_oneof![
        reference.prop_map(|target| json!({"$ref": target})),
        kind.clone().prop_map(|kind| json!({"type": kind})),
        (kind, keyword, scalar.clone()).prop_map(|(kind, keyword, value)| json!({"type": kind, keyword: value})),
        prop::collection::vec(scalar.clone(), 0..3).prop_map(|values| json!({"enum": values})),
        scalar,
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let key = prop::sample::select(vec!["a", "b", "c d", "", "x\ny"]);
        let objects = prop::collection::btree_map(key, inner.clone(), 0..4);
        let lists = prop::collection::vec(inner.clone(), 0..4);
        let word = prop::sample::select(vec!["allOf", "oneOf", "anyOf", "items", "prefixItems"]);
        prop_oneof![
            (objects.clone(), any::<bool>()).prop_map(|(properties, closed)| json!({"type": "object", "properties": properties, "required": ["a", "e"], "additionalProperties": !closed})),
            (objects.clone(), objects).prop_map(|(properties, defs)| {
                let defs: serde_json::Map<String, Value> = defs.into_iter().zip(["x", "y"]).map(|((_, schema), name)| (name.to_owned(), schema)).collect();
                json!({"properties": properties, "$defs": defs})
            }),
            (word, lists).prop_map(|(word, list)| json!({word: list})),
            inner.clone().prop_map(|item| json!({"type": "array", "items": item, "minItems": 1})),
            inner.prop_map(|value| json!({"type": ["object", "null"], "additionalProperties": value})),
        ]
    })
}

#[test]
fn every_keyword_that_is_read() {
    let text = read("json-schema/keywords.schema.json");
    let imported =
        import(From::JsonSchema, "keywords.schema.json", &text).unwrap_or_else(|error| panic!("{}", problems("k", &text, &error)));
    let written = write::file(&imported.contracts).unwrap();
    insta::assert_snapshot!(format!("{written}\n--- not kept\n{}\n", losses(&imported)));
}

#[test]
fn what_is_no_schema_is_said_with_its_lines() {
    let cases = [
        ("not JSON", "{\n  \"type\": \"object\",\n}"),
        ("a list", "[]"),
        ("about text", "{\"type\": \"string\"}"),
        ("twice", "{\"type\": \"object\",\n \"type\": \"object\"}"),
        (
            "wrong everywhere",
            "{\n\"type\": \"object\",\n\"title\": 5,\n\"description\": [],\n\"required\": \"a\",\n\"properties\": {\n\"a\": {\"type\": \"strnig\"},\n\"b\": 7,\n\"c\": {\"type\": \"string\", \"minLength\": -1, \"pattern\": 2,\n \"format\": {}},\n\"d\": {\"enum\": 3},\n\"e\": {\"oneOf\": {}},\n\"f\": {\"$ref\": 1},\n\"g\": {\"type\": \"number\", \"minimum\": \"low\", \"multipleOf\": []},\n\"h\": {\"type\": \"object\", \"properties\": []},\n\"i\": {\"type\": \"string\", \"x-runi-range\": 4}\n}}",
        ),
    ];
    let mut said = String::new();
    for (what, text) in cases {
        let error = import(From::JsonSchema, "a.json", text).unwrap_err();
        said += &format!("{what}\n{}\n\n", problems("a.json", text, &error));
    }
    insta::assert_snapshot!(said);
}

#[test]
fn a_form_that_is_the_schema_itself_ends() {
    let forms = json!([{"$ref": "#/properties/a"}, {"type": "string"}]);
    let direct = json!({"title": "A", "type": "object", "properties": {"a": {"anyOf": forms}}});
    let merged = json!({"title": "A", "type": "object", "properties": {"a": {"oneOf": [{"anyOf": forms}]}}});
    let items =
        json!({"title": "A", "type": "object", "properties": {"a": {"anyOf": [{"type": "array", "items": {"$ref": "#/properties/a"}}]}}});
    let root =
        json!({"title": "A", "type": "object", "properties": {"a": {"type": "string"}}, "anyOf": [{"$ref": "#"}, {"type": "object"}]});
    // What the whole is, is not known then.
    assert_eq!(import(From::JsonSchema, "a.schema.json", &root.to_string()).unwrap_err().code(), "E1001");
    for schema in [direct, merged, items] {
        let imported = import(From::JsonSchema, "a.schema.json", &schema.to_string()).unwrap();
        assert_eq!(imported.contracts[0].fields[0].name, "a", "{schema}");
        assert!(losses(&imported).contains("holds itself"), "{schema}\n{}", losses(&imported));
    }
}

#[test]
fn schemas_without_end_end() {
    let tree = json!({"title": "Tree", "type": "object", "properties": {
        "value": {"type": "string"},
        "left": {"$ref": "#"},
        "children": {"type": "array", "items": {"$ref": "#"}},
        "self": {"$ref": "#/$defs/loop"},
        "both": {"allOf": [{"$ref": "#/$defs/a"}]},
    }, "$defs": {
        "loop": {"$ref": "#/$defs/loop"},
        "a": {"allOf": [{"$ref": "#/$defs/b"}], "properties": {"x": {"$ref": "#/$defs/b"}}},
        "b": {"allOf": [{"$ref": "#/$defs/a"}]},
    }});
    // Two parts of each of forty types: a thousand times a thousand times … parts, if they were all written out.
    let mut defs = serde_json::Map::new();
    for n in 0..40 {
        let next = json!({"$ref": format!("#/$defs/t{}", n + 1)});
        defs.insert(format!("t{n}"), json!({"type": "object", "properties": {"l": next, "r": next}}));
    }
    defs.insert("t40".to_owned(), json!({"type": "string"}));
    let wide = json!({"title": "Wide", "type": "object", "properties": {"t": {"$ref": "#/$defs/t0"}}, "$defs": defs});
    let remote = json!({"title": "Remote", "type": "object", "properties": {
        "a": {"$ref": "https://example.com/schemas/a.json#/definitions/A"},
        "b": {"$ref": "/etc/passwd"},
        "c": {"$ref": "../../../../etc/hostname"},
        "d": {"$ref": "#/definitions/none"},
    }});
    let mut said = String::new();
    for schema in [tree, wide, remote] {
        let text = serde_json::to_string_pretty(&schema).unwrap();
        let imported = import(From::JsonSchema, "a.json", &text).unwrap();
        write::file(&imported.contracts).unwrap();
        let lines: Vec<&str> = losses(&imported).leak().lines().collect();
        said += &format!("{}: {} losses\n{}\n\n", imported.contracts[0].name, lines.len(), lines[..lines.len().min(12)].join("\n"));
    }
    insta::assert_snapshot!(said);
}

#[test]
fn schemas_of_any_depth_are_cut_where_contracts_end() {
    // Lists of lists, and forms of forms, as deep as a file can say.
    let chain = |link: &dyn Fn(Value) -> Value| {
        let mut defs = serde_json::Map::new();
        for n in 0..3_000 {
            defs.insert(format!("t{n}"), link(json!({"$ref": format!("#/$defs/t{}", n + 1)})));
        }
        defs.insert("t3000".to_owned(), json!({"type": "string"}));
        json!({"title": "Chain", "type": "object", "properties": {"t": {"$ref": "#/$defs/t0"}}, "$defs": defs})
    };
    let lists = chain(&|next| json!({"type": "array", "items": next}));
    let forms = chain(&|next| json!({"anyOf": [next, {"type": "integer"}]}));
    let objects = chain(&|next| json!({"type": "object", "properties": {"a": next}}));
    let merged = chain(&|next| json!({"allOf": [next]}));
    for (what, schema) in [("lists", lists), ("forms", forms), ("objects", objects), ("merged", merged)] {
        let imported = import(From::JsonSchema, "a.schema.json", &schema.to_string()).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(imported.contracts[0].fields[0].name, "t", "{what}");
        assert!(what == "merged" || losses(&imported).contains("deep"), "{what}\n{}", losses(&imported));
    }
}

#[test]
fn hostile_documents_end_in_an_error() {
    let deep = format!("{{\"type\": \"object\", \"properties\": {{\"a\": {}1{}}}}}", "[".repeat(100_000), "]".repeat(100_000));
    let many = format!("[{}1]", "1,".repeat(2_000_000));
    let large = format!("{{\"description\": \"{}\"}}", "x".repeat(50 * 1024 * 1024));
    for text in [deep, many, large] {
        assert_eq!(import(From::JsonSchema, "a.json", &text).unwrap_err().code(), "E1002");
    }
}
