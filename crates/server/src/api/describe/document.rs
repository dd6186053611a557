//! The whole document, OpenAPI 3.1.

use utoipa::openapi::path::{PathItem, PathItemBuilder, PathsBuilder};
use utoipa::openapi::security::{Http, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder};

use super::Routes;

/// What the document calls the way to sign in.
pub(super) const BEARER: &str = "bearer";

/// What a reader should know first.
const ABOUT: &str = "An open platform server for EV charging piles. Money, energy and electric quantities are decimal \
    strings with all their decimals; times are RFC 3339 in UTC. Lists answer `items` and `next_cursor`. Errors are \
    `application/problem+json` (RFC 9457): decide by `type`. A token that belongs to an operator sees and changes \
    nothing of others. Ignore members that you do not know: the API only grows.";

/// The document of some routes.
fn document(routes: &Routes) -> OpenApi {
    let info = InfoBuilder::new()
        .title("Voltapile")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build()))
        .build();
    let mut paths = PathsBuilder::new();
    for (path, operations) in &routes.operations {
        let item = operations.iter().fold(PathItemBuilder::new(), |item, (method, operation)| {
            item.operation(method.clone(), operation.clone())
        });
        let item: PathItem = item.build();
        paths = paths.path(path, item);
    }
    let mut components = ComponentsBuilder::new().security_scheme(BEARER, SecurityScheme::Http(bearer()));
    for (name, schema) in &routes.schemas {
        components = components.schema(name, schema.clone());
    }
    let tags = routes.tags.iter().map(|(name, about)| TagBuilder::new().name(*name).description(Some(*about)).build());
    OpenApiBuilder::new()
        .info(info)
        .paths(paths)
        .components(Some(components.build()))
        .tags(Some(tags.collect::<Vec<_>>()))
        .build()
}

/// The document as it is served; `{}` should it ever not be writable.
pub(in crate::api) fn text(routes: &Routes) -> String {
    serde_json::to_string(&document(routes)).unwrap_or_else(|_| "{}".to_owned())
}

fn bearer() -> Http {
    HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "The admin token, a token made with POST /api/v1/tokens, or one that POST /api/v1/login gave.",
        ))
        .build()
}
