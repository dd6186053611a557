//! The API's document, and a page to browse it that works offline and runs nothing but what is served here.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::Api;
use super::describe::{Routes, text};
use super::problem::{Kind, Problem};
use super::router::BESIDES;

/// Nothing from elsewhere, no script and no style in the page itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const PLAIN: &str = "text/plain; charset=utf-8";

/// Files of the page: name, kind, text.
const FILES: &[(&str, &str, &str)] = &[
    ("page.js", SCRIPT, include_str!("page.js")),
    ("swagger-ui-bundle.js", SCRIPT, include_str!("swagger-ui-5.35.0/swagger-ui-bundle.js")),
    ("swagger-ui.css", STYLE, include_str!("swagger-ui-5.35.0/swagger-ui.css")),
    ("LICENSE", PLAIN, include_str!("swagger-ui-5.35.0/LICENSE")),
    ("NOTICE", PLAIN, include_str!("swagger-ui-5.35.0/NOTICE")),
    ("swagger-ui-bundle.js.LICENSE.txt", PLAIN, include_str!("swagger-ui-5.35.0/swagger-ui-bundle.js.LICENSE.txt")),
];

/// What the API says of itself; made once.
#[derive(Debug)]
pub(super) struct About {
    /// The OpenAPI document.
    document: String,
    /// Every address there is, for callers who miss one.
    pub(super) addresses: Vec<String>,
}

impl About {
    /// Of all routes.
    pub(super) fn of(routes: &Routes) -> Self {
        let besides = BESIDES.iter().map(|address| (*address).to_owned());
        Self { document: text(routes), addresses: besides.chain(routes.addresses()).collect() }
    }
}

/// The routes; they take no token.
pub(super) fn router() -> Router<Api> {
    Router::new()
        .route("/api/v1/openapi.json", get(document))
        .route("/api/v1/docs", get(page))
        .route("/api/v1/docs/{file}", get(file))
}

async fn document(State(api): State<Api>) -> Response {
    ([(CONTENT_TYPE, "application/json")], api.about.document.clone()).into_response()
}

async fn page() -> Response {
    serve(HTML, include_str!("page.html"))
}

async fn file(Path(name): Path<String>) -> Result<Response, Problem> {
    let found = FILES.iter().find(|(file, ..)| *file == name);
    let missing = || Problem::new(Kind::NoSuchRoute, format!("the page has no file {name:?}"));
    found.map(|(_, kind, text)| serve(kind, text)).ok_or_else(missing)
}

fn serve(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, kind),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "max-age=3600"),
    ];
    (headers, text).into_response()
}
