//! The OpenAPI document: what the router serves, and nothing else.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::Value;

use super::super::login;
use super::super::router::guarded;
use super::Bed;

async fn document() -> Value {
    let bed = Bed::new().await;
    bed.answer(Request::get("/api/v1/openapi.json").body(Body::empty()).unwrap()).await.ok()
}

#[tokio::test]
async fn every_route_is_in_it_once_and_said_to_be_something() {
    let document = document().await;
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids = BTreeSet::new();
    let mut found = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            found.insert((method.to_uppercase(), path.clone()));
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{path} {method}");
            assert!(operation["summary"].as_str().is_some_and(|text| text.ends_with('.')), "{path} {method}");
            assert!(operation["responses"]["500"].is_object() && operation["responses"]["503"].is_object());
            let in_path = path.matches('{').count();
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            assert_eq!(parameters.iter().filter(|parameter| parameter["in"] == "path").count(), in_path, "{path}");
        }
    }
    let served: BTreeSet<(String, String)> = guarded().and(login::open_routes()).methods().into_iter().collect();
    assert_eq!(found, served);
}

#[tokio::test]
async fn what_can_go_wrong_is_in_it() {
    let document = document().await;
    let statuses = |path: &str, method: &str| {
        let responses = document["paths"][path][method]["responses"].as_object().unwrap();
        responses.keys().map(|status| status.parse().unwrap()).collect::<BTreeSet<u16>>()
    };
    let of = |statuses: &[u16]| statuses.iter().copied().collect::<BTreeSet<u16>>();
    assert_eq!(statuses("/api/v1/piles", "get"), of(&[200, 400, 401, 403, 500, 503]));
    assert_eq!(statuses("/api/v1/piles/{code}", "get"), of(&[200, 400, 401, 403, 404, 500, 503]));
    let put = of(&[200, 201, 400, 401, 403, 404, 408, 409, 413, 415, 422, 500, 503]);
    assert_eq!(statuses("/api/v1/piles/{code}", "put"), put);
    assert_eq!(statuses("/api/v1/login", "post"), of(&[200, 400, 401, 408, 413, 415, 422, 429, 500, 503]));
    let problem = "#/components/schemas/Problem";
    let refused = &document["paths"]["/api/v1/piles"]["get"]["responses"]["401"];
    assert_eq!(refused["content"]["application/problem+json"]["schema"]["$ref"], problem);
}

#[test]
fn no_two_schemas_share_a_name() {
    let routes = guarded().and(login::open_routes());
    assert_eq!(routes.clashes(), [""; 0]);
}

#[tokio::test]
async fn every_reference_leads_somewhere_and_bodies_take_nothing_unknown() {
    let document = document().await;
    let mut references = BTreeSet::new();
    collect(&document, &mut references);
    assert!(references.len() > 50, "{}", references.len());
    for reference in &references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(reference) = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str()
            else {
                continue;
            };
            let schema = document.pointer(reference.strip_prefix('#').unwrap()).unwrap();
            let forms = schema["oneOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
            for form in forms {
                assert_eq!(form["additionalProperties"], Value::Bool(false), "{method} {path}: {form}");
            }
        }
    }
}

fn collect(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                references.insert(reference.clone());
            }
            members.values().for_each(|member| collect(member, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}

#[tokio::test]
async fn the_page_runs_nothing_but_what_is_served_here() {
    let bed = Bed::new().await;
    let get = async |path: &str| bed.answer(Request::get(path).body(Body::empty()).unwrap()).await;
    let page = get("/api/v1/docs").await;
    assert_eq!(page.status.as_u16(), 200);
    assert_eq!(page.header(header::CONTENT_TYPE), "text/html; charset=utf-8");
    let policy = page.header(header::CONTENT_SECURITY_POLICY);
    assert!(policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"), "{policy}");
    assert!(!page.text.contains("://"), "{}", page.text);
    let files = page.text.split('"').filter(|part| part.starts_with("docs/")).collect::<Vec<_>>();
    assert_eq!(files.len(), 3);
    for file in files {
        let answer = get(&format!("/api/v1/{file}")).await;
        assert_eq!(answer.status.as_u16(), 200, "{file}");
        assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    }
    assert!(get("/api/v1/docs/LICENSE").await.text.contains("Apache License"));
    get("/api/v1/docs/mod.rs").await.problem(404, "no-such-route");
}
