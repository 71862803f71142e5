//! The JSON schema of `goleash.toml`, which editors complete and check by. It is made from the types that read the file.

use super::{Config, RuleConfig};
use crate::models;
use schemars::{Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::{Value, json};

/// The schema, as `docs/goleash.schema.json` holds it.
#[must_use]
pub fn schema() -> Value {
    let mut generator = SchemaSettings::draft07().into_generator();
    // One table holds settings and models, and two types read it.
    let models = models::schema(&mut generator);
    let mut schema = generator.into_root_schema_for::<Config>().to_value();
    if let Some(all) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for (section, of) in models {
            all.insert(section, of);
        }
    }
    schema["$id"] = json!(format!("{}/raw/main/docs/goleash.schema.json", crate::report::HOME));
    schema
}

/// The table of rules: each by its id, with what it finds.
pub(super) fn rules(generator: &mut SchemaGenerator) -> Schema {
    let of = generator.subschema_for::<RuleConfig>();
    let rules = crate::rules::metas().into_iter();
    let properties: serde_json::Map<String, Value> =
        rules.map(|meta| (meta.id.to_owned(), json!({ "description": meta.summary, "allOf": [of] }))).collect();
    json_schema!({ "type": "object", "properties": properties, "additionalProperties": false })
}

pub(super) fn go_version(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": "^[0-9]+\\.[0-9]+$" })
}
