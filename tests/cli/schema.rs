//! `docs/goleash.schema.json` against the reader of `goleash.toml`.
//!
//! The schema is kept by hand, and this holds it to the reader: whatever the schema allows is read, whatever it forbids is refused, and where
//! the reader lists the keys and words that it knows, they are those of the schema.

use crate::support::{repository, update};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// A key and a word that nothing is called, nor nearly so.
const UNKNOWN: &str = "qqqqqqqqqqqq";

fn schema() -> Value {
    let text = std::fs::read_to_string(repository().join("docs/goleash.schema.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// A value as TOML writes it within a line.
fn inline(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let pairs = map.iter().map(|(key, value)| format!("{key} = {}", inline(value)));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Reads a document. An error is all that the reader says of it.
fn read(document: &Value) -> Result<(), String> {
    let lines = document.as_object().unwrap().iter().map(|(key, value)| format!("{key} = {}\n", inline(value)));
    let text: String = lines.collect();
    let read = goleash::config::parse(&text, Path::new("/p/goleash.toml"), "goleash.toml");
    read.map(drop).map_err(|error| format!("{error} {} in {text}", error.help().unwrap_or_default()))
}

/// Puts a value where the part of the schema that is checked speaks of one.
type Around<'a> = &'a dyn Fn(Value) -> Value;

struct Check {
    schema: Value,
    /// Which definitions are being checked, so that one that holds itself has an end.
    within: Vec<String>,
    wrong: Vec<String>,
    documents: usize,
}

impl Check {
    fn new(schema: Value) -> Self {
        Self { schema, within: Vec::new(), wrong: Vec::new(), documents: 0 }
    }

    fn resolve(&self, of: &Value) -> (Value, Option<String>) {
        let reference = of["$ref"].as_str().or_else(|| of["allOf"][0]["$ref"].as_str());
        match reference.and_then(|reference| reference.strip_prefix("#/definitions/")) {
            Some(name) => (self.schema["definitions"][name].clone(), Some(name.to_owned())),
            None => (of.clone(), None),
        }
    }

    fn taken(&mut self, document: &Value) {
        self.documents += 1;
        if let Err(error) = read(document) {
            self.wrong.push(format!("the schema allows what is refused: {error}"));
        }
    }

    fn refused(&mut self, document: &Value, why: &str) {
        self.documents += 1;
        if read(document).is_ok() {
            self.wrong.push(format!("the schema forbids what is read ({why}): {}", inline(document)));
        }
    }

    /// What the reader lists of an unknown key or word has to be what the schema lists.
    fn lists(&mut self, document: &Value, known: &BTreeSet<String>) {
        self.documents += 1;
        let Err(error) = read(document) else {
            return self.wrong.push(format!("an unknown word is read: {}", inline(document)));
        };
        let said = error.split(" in ").next().unwrap_or_default();
        let said: BTreeSet<String> =
            said.split('`').skip(1).step_by(2).filter(|word| *word != UNKNOWN).map(str::to_owned).collect();
        if said != *known {
            self.wrong.push(format!("the reader knows {said:?}, the schema {known:?}: {error}"));
        }
    }

    /// A value that the schema allows, with no more than it has to have.
    fn sample(&self, of: &Value, key: &str) -> Value {
        let (of, _) = self.resolve(of);
        if let Some(constant) = of.get("const") {
            return constant.clone();
        }
        if let Some(first) = ["oneOf", "anyOf"].iter().find_map(|kind| of[*kind].get(0)) {
            return self.sample(first, key);
        }
        match of["type"].as_str().unwrap_or_default() {
            "boolean" => json!(true),
            "integer" => of["minimum"].clone(),
            "array" => json!([]),
            "object" => {
                let required = of["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
                required.map(|key| (key.to_owned(), self.sample(&of["properties"][key], key))).collect::<Map<_, _>>().into()
            }
            _ if of.get("pattern").is_some() || key == "gc_since" => json!("1.23"),
            _ if key == "like" => json!("a/b.C"),
            // A name, a path and a type at once.
            _ => json!("int"),
        }
    }

    fn check(&mut self, of: &Value, key: &str, around: Around<'_>) {
        let (of, name) = self.resolve(of);
        if let Some(name) = name {
            if self.within.contains(&name) {
                return;
            }
            self.within.push(name);
            self.check_resolved(&of, key, around);
            self.within.pop();
        } else {
            self.check_resolved(&of, key, around);
        }
    }

    fn check_resolved(&mut self, of: &Value, key: &str, around: Around<'_>) {
        self.taken(&around(self.sample(of, key)));
        // No value is a list of lists of fractions.
        self.refused(&around(json!([[0.5]])), "another type");
        if let Some(variants) = of["oneOf"].as_array() {
            self.check_variants(variants, key, around);
        }
        for variant in of["anyOf"].as_array().into_iter().flatten() {
            self.check(variant, key, around);
        }
        match of["type"].as_str().unwrap_or_default() {
            "object" if of.get("properties").is_some() => self.check_object(of, key, around),
            "array" => self.check(&of["items"], key, &|item| around(json!([item]))),
            "integer" => {
                for (bound, step) in [("minimum", -1), ("maximum", 1)] {
                    let end = of[bound].as_i64().unwrap();
                    self.taken(&around(json!(end)));
                    self.refused(&around(json!(end + step)), "beyond the range");
                }
            }
            _ => {}
        }
    }

    fn check_variants(&mut self, variants: &[Value], key: &str, around: Around<'_>) {
        let names = variants.iter().map(|variant| match variant["const"].as_str() {
            Some(word) => word.to_owned(),
            None => variant["required"][0].as_str().unwrap().to_owned(),
        });
        self.lists(&around(json!(UNKNOWN)), &names.collect());
        for variant in variants {
            match variant["required"][0].as_str() {
                None => self.taken(&around(self.sample(variant, key))),
                Some(name) => self.check(&variant["properties"][name], name, &|value| around(json!({ name: value }))),
            }
        }
    }

    fn check_object(&mut self, of: &Value, key: &str, around: Around<'_>) {
        let properties = of["properties"].as_object().unwrap();
        let least = self.sample(of, key);
        let with = |key: &str, value: Value| {
            let mut object = least.clone();
            object[key] = value;
            object
        };
        assert_eq!(of["additionalProperties"], json!(false), "{key}: the reader refuses what it does not know");
        // Ids are looked up elsewhere, and a test of its own compares them.
        if key != "rules" {
            self.lists(&around(with(UNKNOWN, json!(0))), &properties.keys().cloned().collect());
        }
        for required in of["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let mut object = least.clone();
            object.as_object_mut().unwrap().remove(required);
            self.refused(&around(object), "a key is missing");
        }
        for (key, of) in properties {
            self.check(of, key, &|value| around(with(key, value)));
        }
    }
}

#[test]
fn the_reader_reads_what_the_schema_says() {
    let schema = schema();
    let mut check = Check::new(schema.clone());
    check.check_object(&schema, "", &|document| document);
    assert!(check.wrong.is_empty(), "docs/goleash.schema.json, of {} documents:\n{}", check.documents, check.wrong.join("\n"));
    assert!(check.documents > 500, "{}", check.documents);
}

#[test]
fn the_check_of_the_schema_can_fail() {
    let wrong = |change: &dyn Fn(&mut Value)| {
        let mut schema = schema();
        change(&mut schema);
        let mut check = Check::new(schema.clone());
        check.check_object(&schema, "", &|document| document);
        check.wrong.len()
    };
    assert_eq!(wrong(&|_| ()), 0);
    assert_ne!(wrong(&|schema| drop(schema["properties"].as_object_mut().unwrap().remove("tests"))), 0);
    assert_ne!(wrong(&|schema| schema["properties"]["tests"]["type"] = json!("string")), 0);
    assert_ne!(wrong(&|schema| schema["definitions"]["function"]["properties"]["more"] = json!({ "type": "boolean" })), 0);
    assert_ne!(wrong(&|schema| schema["definitions"]["bound"]["oneOf"][0]["const"] = json!("nothing")), 0);
    assert_ne!(wrong(&|schema| schema["definitions"]["function"]["required"] = json!(["path"])), 0);
}

#[test]
fn the_schema_has_all_rules() {
    let mut schema = schema();
    let of = |meta: &goleash::lint::Meta| json!({ "description": meta.summary, "allOf": [{ "$ref": "#/definitions/rule" }] });
    let metas = goleash::rules::metas();
    let rules: Map<String, Value> = metas.into_iter().map(|meta| (meta.id.to_owned(), of(meta))).collect();
    let known = &mut schema["definitions"]["rules"]["properties"];
    if update() && known.as_object() != Some(&rules) {
        *known = Value::Object(rules.clone());
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        std::fs::write(repository().join("docs/goleash.schema.json"), text).unwrap();
    }
    let known = &schema["definitions"]["rules"]["properties"];
    assert!(known.as_object() == Some(&rules), "docs/goleash.schema.json has other rules: UPDATE=1 cargo test accepts them");
}
