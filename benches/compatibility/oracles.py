"""Runs the same changes through other tools, and writes what they say to peers.tsv.

    pip install datacontract-cli==1.2.8 fastavro==1.13.1 avro==1.12.2
    npm install @bufbuild/buf@1.75.0
    BUF=node_modules/.bin/buf python benches/compatibility/oracles.py > benches/compatibility/peers.tsv

`datacontract breaking` grades each pair from both perspectives. Avro is not asked for an opinion: records are written with one
schema and read with the other, by two libraries, in both directions. Old records under the new schema are the producer's axis
(Confluent calls it BACKWARD), new records under the old schema the consumer's (FORWARD). `buf breaking` knows one
verdict for both; its rules of the category FILE are named. `docs/compatibility.md` shows the table
beside Runi's own verdicts, and a test compares them.
"""

import copy
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import avro.io
import avro.schema
import fastavro
from datacontract.data_contract import DataContract
from datacontract.model.breaking import BreakingChangeLevel, Perspective

ID = {"name": "order_id", "logicalType": "integer", "physicalType": "bigint", "required": True}
AVRO_ID = {"name": "order_id", "type": "long"}


def prop(name, logical, physical=None, **more):
    return {"name": name, "logicalType": logical, **({"physicalType": physical} if physical else {}), **more}


def contract(*properties, **more):
    schema = {"name": "order", "logicalType": "object", "physicalType": "table", "properties": [ID, *properties]}
    schema.update(more.pop("schema", {}))
    others = more.pop("others", [])
    return {"apiVersion": "v3.1.0", "kind": "DataContract", "id": "order", "version": "1.0.0", "status": "active", "schema": [schema, *others], **more}


def datacontract(before, after):
    """The worst level for consumers and for producers."""
    found = []
    for perspective in (Perspective.CONSUMER, Perspective.PRODUCER):
        old, new = (DataContract(data_contract_str=json.dumps(text)) for text in (before, after))
        levels = [entry.level for entry in old.breaking(new, perspective=perspective).entries]
        words = {BreakingChangeLevel.ERROR: "error", BreakingChangeLevel.WARNING: "warning", BreakingChangeLevel.INFO: "info"}
        order = [BreakingChangeLevel.ERROR, BreakingChangeLevel.WARNING, BreakingChangeLevel.INFO]
        found.append(next((words[level] for level in order if level in levels), "no change"))
    return found


def record(*fields):
    return {"type": "record", "name": "Order", "fields": [AVRO_ID, *fields]}


def reads(writer, reader, values):
    """Whether both libraries read what was written."""
    answers = []
    row = {"order_id": 1, **values}
    try:
        written = io.BytesIO()
        fastavro.schemaless_writer(written, fastavro.parse_schema(copy.deepcopy(writer)), row)
    except Exception as error:
        raise SystemExit(f"the case itself is wrong: {values} {writer}: {error}") from error
    try:
        written.seek(0)
        fastavro.schemaless_reader(written, fastavro.parse_schema(copy.deepcopy(writer)), fastavro.parse_schema(copy.deepcopy(reader)))
        answers.append(True)
    except Exception:
        answers.append(False)
    try:
        schemas = [avro.schema.parse(json.dumps(schema)) for schema in (writer, reader)]
        avro.io.DatumReader(*schemas).read(avro.io.BinaryDecoder(io.BytesIO(written.getvalue())))
        answers.append(True)
    except Exception:
        answers.append(False)
    return answers


def resolution(old, new, old_values, new_values):
    """Consumer, producer: `reads`, `fails`, or who of the two reads it."""
    words = {(True, True): "reads", (False, False): "fails", (True, False): "fastavro reads", (False, True): "avro reads"}
    consumer, producer = reads(new, old, new_values), reads(old, new, old_values)
    return [words[tuple(answers)] for answers in (consumer, producer)]


def null(type_):
    return ["null", type_]


def optional(name, type_, default=True):
    return {"name": name, "type": null(type_), **({"default": None} if default else {})}


def enum(*symbols, default=None):
    return {"type": "enum", "name": "State", "symbols": list(symbols), **({"default": default} if default else {})}


def values(*listed):
    return {"enum": [{"value": value} for value in listed]}


def decimal(precision, scale):
    return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}


def numbers(name, old, new):
    return contract(prop(name, *old)), contract(prop(name, *new))


PRODUCT = {"name": "product", "logicalType": "object", "properties": [{"name": "id", "logicalType": "integer", "primaryKey": True, "primaryKeyPosition": 1}]}
REFERS = {"relationships": [{"type": "foreignKey", "to": "product.id"}]}
CHECK = {"type": "sql", "name": "paid", "query": "select count(*) from order where amount <= 0", "mustBe": 0}


def keyed(*columns):
    names = ("order_id", "line")
    rows = [prop(name, "integer", required=True, **({"primaryKey": True, "primaryKeyPosition": columns.index(name) + 1} if name in columns else {})) for name in names]
    return contract(schema={"properties": rows})


# Rule, what changed, both ODCS contracts, and (both Avro schemas, an old row, a new row).
CASES = [
    ("F001", "optional field added, default null in Avro", contract(), contract(prop("voucher", "string")),
     (record(), record(optional("voucher", "string")), {}, {"voucher": "x"})),
    ("F001", "optional field added, no default in Avro", contract(), contract(prop("voucher", "string")),
     (record(), record(optional("voucher", "string", False)), {}, {"voucher": "x"})),
    ("F002", "required field added", contract(), contract(prop("currency", "string", required=True)),
     (record(), record({"name": "currency", "type": "string"}), {}, {"currency": "EUR"})),
    ("F003", "optional field removed, default null in Avro", contract(prop("voucher", "string")), contract(),
     (record(optional("voucher", "string")), record(), {"voucher": None}, {})),
    ("F003", "optional field removed, no default in Avro", contract(prop("voucher", "string")), contract(),
     (record(optional("voucher", "string", False)), record(), {"voucher": None}, {})),
    ("F004", "required field removed", contract(prop("amount", "number", required=True)), contract(),
     (record({"name": "amount", "type": "double"}), record(), {"amount": 1.0}, {})),
    ("F006", "renamed, undeclared", contract(prop("placed", "date")), contract(prop("ordered", "date")),
     (record({"name": "placed", "type": "int"}), record({"name": "ordered", "type": "int"}), {"placed": 1}, {"ordered": 1})),
    ("F007", "renamed, with an alias in Avro and `physicalName` in ODCS", contract(prop("placed", "date", physicalName="placed")), contract(prop("ordered", "date", physicalName="placed")),
     (record({"name": "placed", "type": "int"}), record({"name": "ordered", "type": "int", "aliases": ["placed"]}), {"placed": 1}, {"ordered": 1})),
    ("F008", "reordered", contract(prop("net", "integer"), prop("gross", "integer")), contract(prop("gross", "integer"), prop("net", "integer")),
     (record({"name": "net", "type": "long"}, {"name": "gross", "type": "long"}), record({"name": "gross", "type": "long"}, {"name": "net", "type": "long"}), {"net": 1, "gross": 2}, {"net": 1, "gross": 2})),
    ("T001", "int32 to int64", *numbers("amount", ("integer", "int"), ("integer", "bigint")),
     (record({"name": "amount", "type": "int"}), record({"name": "amount", "type": "long"}), {"amount": 1}, {"amount": 1})),
    ("T001", "float32 to float64", *numbers("amount", ("number", "float"), ("number", "double")),
     (record({"name": "amount", "type": "float"}), record({"name": "amount", "type": "double"}), {"amount": 0.5}, {"amount": 0.5})),
    ("T002", "int32 to float64", *numbers("amount", ("integer", "int"), ("number", "double")),
     (record({"name": "amount", "type": "int"}), record({"name": "amount", "type": "double"}), {"amount": 1}, {"amount": 1.5})),
    ("T003", "decimal(10, 2) to decimal(18, 2)", *numbers("amount", ("number", "decimal(10,2)"), ("number", "decimal(18,2)")), None),
    ("T004", "int64 to int32", *numbers("amount", ("integer", "bigint"), ("integer", "int")),
     (record({"name": "amount", "type": "long"}), record({"name": "amount", "type": "int"}), {"amount": 1}, {"amount": 1})),
    ("T005", "string to binary", *numbers("receipt", ("string", "varchar"), ("string", "binary")),
     (record({"name": "receipt", "type": "string"}), record({"name": "receipt", "type": "bytes"}), {"receipt": "x"}, {"receipt": b"x"})),
    ("T006", "date to timestamp", *numbers("placed", ("date", "date"), ("timestamp", "timestamp")), None),
    ("T007", "timestamp to timestamp(UTC)", *numbers("placed", ("timestamp", "timestamp_ntz"), ("timestamp", "timestamp_tz")), None),
    ("T008", "int64 to string", *numbers("amount", ("integer", "bigint"), ("string", "varchar")),
     (record({"name": "amount", "type": "long"}), record({"name": "amount", "type": "string"}), {"amount": 1}, {"amount": "1"})),
    ("T009", "string to list of string", contract(prop("voucher", "string")), contract(prop("voucher", "array", items={"logicalType": "string"})),
     (record({"name": "voucher", "type": "string"}), record({"name": "voucher", "type": {"type": "array", "items": "string"}}), {"voucher": "x"}, {"voucher": ["x"]})),
    ("N001", "optional to required, and old rows hold nulls", contract(prop("email", "string")), contract(prop("email", "string", required=True)),
     (record(optional("email", "string")), record({"name": "email", "type": "string"}), {"email": None}, {"email": "x"})),
    ("N002", "required to optional, and new rows hold nulls", contract(prop("email", "string", required=True)), contract(prop("email", "string")),
     (record({"name": "email", "type": "string"}), record(optional("email", "string")), {"email": "x"}, {"email": None})),
    ("E001", "enum value added, and new rows hold it", contract(prop("state", "string", **values("open", "paid"))), contract(prop("state", "string", **values("open", "paid", "shipped"))),
     (record({"name": "state", "type": enum("open", "paid")}), record({"name": "state", "type": enum("open", "paid", "shipped")}), {"state": "open"}, {"state": "shipped"})),
    ("E002", "enum value added, open enum (a default in Avro)", None, None,
     (record({"name": "state", "type": enum("open", "paid", default="open")}), record({"name": "state", "type": enum("open", "paid", "shipped", default="open")}), {"state": "open"}, {"state": "shipped"})),
    ("E003", "enum value removed, and old rows hold it", contract(prop("state", "string", **values("open", "paid", "lost"))), contract(prop("state", "string", **values("open", "paid"))),
     (record({"name": "state", "type": enum("open", "paid", "lost")}), record({"name": "state", "type": enum("open", "paid")}), {"state": "lost"}, {"state": "open"})),
    ("E004", "enum value renamed", contract(prop("state", "string", **values("open", "Paid"))), contract(prop("state", "string", **values("open", "paid"))),
     (record({"name": "state", "type": enum("open", "Paid")}), record({"name": "state", "type": enum("open", "paid")}), {"state": "Paid"}, {"state": "paid"})),
    ("E005", "enum to any text", contract(prop("state", "string", **values("open", "paid"))), contract(prop("state", "string")),
     (record({"name": "state", "type": enum("open", "paid")}), record({"name": "state", "type": "string"}), {"state": "open"}, {"state": "x"})),
    ("E006", "any text to enum", contract(prop("state", "string")), contract(prop("state", "string", **values("open", "paid"))),
     (record({"name": "state", "type": "string"}), record({"name": "state", "type": enum("open", "paid")}), {"state": "x"}, {"state": "open"})),
    ("E007", "enum reordered", contract(prop("state", "string", **values("open", "paid"))), contract(prop("state", "string", **values("paid", "open"))),
     (record({"name": "state", "type": enum("open", "paid")}), record({"name": "state", "type": enum("paid", "open")}), {"state": "open"}, {"state": "open"})),
    ("C001", "minimum raised", contract(prop("quantity", "integer", logicalTypeOptions={"minimum": 0})), contract(prop("quantity", "integer", logicalTypeOptions={"minimum": 1})), None),
    ("C001", "unique added", contract(prop("email", "string")), contract(prop("email", "string", unique=True)), None),
    ("C002", "maximum raised", contract(prop("quantity", "integer", logicalTypeOptions={"maximum": 100})), contract(prop("quantity", "integer", logicalTypeOptions={"maximum": 1000})), None),
    ("C002", "pattern widened", contract(prop("voucher", "string", logicalTypeOptions={"pattern": "[A-Z]{8}"})), contract(prop("voucher", "string", logicalTypeOptions={"pattern": "[A-Z0-9]{8}"})), None),
    ("C003", "pattern changed", contract(prop("voucher", "string", logicalTypeOptions={"pattern": "\\b[A-Z]{8}\\b"})), contract(prop("voucher", "string", logicalTypeOptions={"pattern": "\\b[A-Z0-9]{8}\\b"})), None),
    ("D001", "default added", None, None,
     (record({"name": "discount", "type": "int"}), record({"name": "discount", "type": "int", "default": 0}), {"discount": 1}, {"discount": 1})),
    ("D002", "default changed", None, None,
     (record({"name": "discount", "type": "int", "default": 0}), record({"name": "discount", "type": "int", "default": 5}), {"discount": 1}, {"discount": 1})),
    ("K001", "key (order_id) to (order_id, line)", keyed("order_id"), keyed("order_id", "line"), None),
    ("K002", "key reordered", keyed("order_id", "line"), keyed("line", "order_id"), None),
    ("K003", "reference added", contract(prop("product_id", "integer"), others=[PRODUCT]), contract(prop("product_id", "integer", **REFERS), others=[PRODUCT]), None),
    ("K003", "reference removed", contract(prop("product_id", "integer", **REFERS), others=[PRODUCT]), contract(prop("product_id", "integer"), others=[PRODUCT]), None),
    ("S002", "format uuid to uri", contract(prop("code", "string", logicalTypeOptions={"format": "uuid"})), contract(prop("code", "string", logicalTypeOptions={"format": "uri"})), None),
    ("S003", "description changed", contract(prop("email", "string", description="a")), contract(prop("email", "string", description="b")),
     (record({"name": "email", "type": "string", "doc": "a"}), record({"name": "email", "type": "string", "doc": "b"}), {"email": "x"}, {"email": "x"})),
    ("Q001", "quality rule added", contract(prop("amount", "integer")), contract(prop("amount", "integer"), schema={"quality": [CHECK]}), None),
    ("Q002", "quality rule removed", contract(prop("amount", "integer"), schema={"quality": [CHECK]}), contract(prop("amount", "integer")), None),
    ("G001", "classification public to confidential", contract(prop("email", "string", classification="public")), contract(prop("email", "string", classification="confidential")), None),
    ("G002", "classification confidential to public", contract(prop("email", "string", classification="confidential")), contract(prop("email", "string", classification="public")), None),
    ("L001", "freshness 1 h to 2 h, with an element", contract(prop("placed", "timestamp"), slaProperties=[{"property": "freshness", "value": 1, "unit": "h", "element": "order.placed"}]),
     contract(prop("placed", "timestamp"), slaProperties=[{"property": "freshness", "value": 2, "unit": "h", "element": "order.placed"}]), None),
    ("L002", "retention 2 years to 90 days", contract(slaProperties=[{"property": "retention", "value": 730, "unit": "d"}]), contract(slaProperties=[{"property": "retention", "value": 90, "unit": "d"}]), None),
    ("F010", "reservation removed", None, None, None),
    ("X001", "the file removed", None, None, None),
    ("O001", "owner changed", contract(team={"name": "shop"}), contract(team={"name": "logistics"}), None),
]


# By rule and change: the syntax, and what stands in the message before and after. Enums stand beside it, as `State`.
PROTO = {
    ("F001", "optional field added, default null in Avro"): (3, "", "optional string voucher = 2;"),
    ("F002", "required field added"): (2, "", "required string currency = 2;"),
    ("F003", "optional field removed, default null in Avro"): (3, "optional string voucher = 2;", ""),
    ("F004", "required field removed"): (2, "required double amount = 2;", ""),
    ("F006", "renamed, undeclared"): (3, "int32 placed = 2;", "int32 ordered = 3;"),
    ("F007", "renamed, with an alias in Avro and `physicalName` in ODCS"): (3, "int32 placed = 2;", "int32 ordered = 2;"),
    ("F008", "reordered"): (3, "int64 net = 2; int64 gross = 3;", "int64 gross = 3; int64 net = 2;"),
    ("F010", "reservation removed"): (3, 'reserved 5; reserved "state";', ""),
    ("T001", "int32 to int64"): (3, "int32 amount = 2;", "int64 amount = 2;"),
    ("T001", "float32 to float64"): (3, "float amount = 2;", "double amount = 2;"),
    ("T002", "int32 to float64"): (3, "int32 amount = 2;", "double amount = 2;"),
    ("T004", "int64 to int32"): (3, "int64 amount = 2;", "int32 amount = 2;"),
    ("T005", "string to binary"): (3, "string receipt = 2;", "bytes receipt = 2;"),
    ("T008", "int64 to string"): (3, "int64 amount = 2;", "string amount = 2;"),
    ("T009", "string to list of string"): (3, "string voucher = 2;", "repeated string voucher = 2;"),
    ("N001", "optional to required, and old rows hold nulls"): (2, "optional string email = 2;", "required string email = 2;"),
    ("N002", "required to optional, and new rows hold nulls"): (2, "required string email = 2;", "optional string email = 2;"),
    ("E001", "enum value added, and new rows hold it"): (2, "enum: OPEN = 0; PAID = 1;", "enum: OPEN = 0; PAID = 1; SHIPPED = 2;"),
    ("E002", "enum value added, open enum (a default in Avro)"): (3, "enum: OPEN = 0; PAID = 1;", "enum: OPEN = 0; PAID = 1; SHIPPED = 2;"),
    ("E003", "enum value removed, and old rows hold it"): (3, "enum: OPEN = 0; PAID = 1; LOST = 2;", "enum: OPEN = 0; PAID = 1;"),
    ("E004", "enum value renamed"): (3, "enum: OPEN = 0; PAYED = 1;", "enum: OPEN = 0; PAID = 1;"),
    ("D001", "default added"): (2, "optional int32 discount = 2;", "optional int32 discount = 2 [default = 0];"),
    ("D002", "default changed"): (2, "optional int32 discount = 2 [default = 0];", "optional int32 discount = 2 [default = 5];"),
    ("S003", "description changed"): (3, "// a\nstring email = 2;", "// b\nstring email = 2;"),
    ("X001", "the file removed"): (3, "", None),
}


def buf(key):
    """The rules that `buf breaking` names, or `passes`."""
    if key not in PROTO:
        return "-"
    syntax, *bodies = PROTO[key]
    first = "optional int64" if syntax == 2 else "int64"
    with tempfile.TemporaryDirectory() as directory:
        for side, body in zip(("before", "after"), bodies):
            folder = pathlib.Path(directory, side)
            folder.mkdir()
            (folder / "buf.yaml").write_text("version: v2\nbreaking:\n  use: [FILE]\n")
            (folder / "other.proto").write_text('syntax = "proto3";\npackage other;\nmessage Other {}\n')
            if body is None:
                continue
            enum_, body = (body.removeprefix("enum: "), f"{'optional ' if syntax == 2 else ''}State state = 2;") if body.startswith("enum: ") else ("", body)
            text = f'syntax = "proto{syntax}";\npackage shop;\nmessage Order {{\n{first} order_id = 1;\n{body}\n}}\n'
            if enum_:
                text += f"enum State {{\n{enum_}\n}}\n"
            (folder / "order.proto").write_text(text)
        command = [os.environ.get("BUF", "buf"), "breaking", f"{directory}/after", "--against", f"{directory}/before", "--error-format", "json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 100):
            raise SystemExit(f"{key}: {done.stderr}")
        found = {json.loads(line)["type"] for line in done.stdout.splitlines()}
        return " ".join(sorted(found)) or "passes"


def main():
    print("rule\tchange\tdatacontract consumer\tdatacontract producer\tavro consumer\tavro producer\tbuf")
    for rule, change, before, after, schemas in CASES:
        graded = datacontract(before, after) if before else ["-", "-"]
        resolved = resolution(*schemas) if schemas else ["-", "-"]
        print("\t".join([rule, change, *graded, *resolved, buf((rule, change))]))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
