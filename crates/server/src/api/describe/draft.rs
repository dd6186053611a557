//! An operation while its handler's types describe it.

use std::collections::{BTreeMap, BTreeSet};

use utoipa::ToSchema;
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{ContentBuilder, HeaderBuilder, Ref, RefOr, Required, Response, ResponseBuilder};

use super::document::BEARER;
use crate::api::problem::ProblemForm;

/// Schemas by name.
pub(in crate::api) type Schemas = BTreeMap<String, RefOr<Schema>>;

/// An operation that is being described.
#[derive(Default)]
pub(in crate::api) struct Draft {
    parameters: Vec<Parameter>,
    body: Option<RequestBody>,
    answers: BTreeMap<u16, ResponseBuilder>,
    problems: BTreeSet<u16>,
    scope: Option<Option<&'static str>>,
    schemas: Schemas,
}

impl Draft {
    /// A schema by reference, with all that it refers to.
    pub(in crate::api) fn refer<T: ToSchema>(&mut self) -> RefOr<Schema> {
        let mut referred = Vec::new();
        T::schemas(&mut referred);
        for (name, schema) in referred {
            self.keep(name, schema);
        }
        let name = T::name().into_owned();
        self.keep(name.clone(), T::schema());
        Ref::from_schema_name(name).into()
    }

    /// Keeps a schema. That no two differ under one name is tested.
    fn keep(&mut self, name: String, schema: RefOr<Schema>) {
        self.schemas.insert(name, schema);
    }

    /// It takes a token, with a scope or with any.
    pub(in crate::api) fn needs(&mut self, scope: Option<&'static str>) {
        self.scope = Some(scope);
        self.may_fail(&[401]);
        if scope.is_some() {
            self.may_fail(&[403]);
        }
    }

    /// It may be answered by problems with these statuses.
    pub(in crate::api) fn may_fail(&mut self, statuses: &[u16]) {
        self.problems.extend(statuses);
    }

    /// It takes a parameter in the path.
    pub(in crate::api) fn path(&mut self, name: &str, description: &str, schema: RefOr<Schema>) {
        self.parameter(ParameterIn::Path, name, description, schema);
        self.may_fail(&[400, 404]);
    }

    /// It takes a parameter behind the question mark.
    pub(in crate::api) fn query(&mut self, name: &str, description: &str, schema: RefOr<Schema>) {
        self.parameter(ParameterIn::Query, name, description, schema);
        self.may_fail(&[400]);
    }

    /// It takes a header.
    pub(in crate::api) fn header(&mut self, name: &str, description: &str, schema: RefOr<Schema>) {
        self.parameter(ParameterIn::Header, name, description, schema);
        self.may_fail(&[400]);
    }

    fn parameter(&mut self, place: ParameterIn, name: &str, description: &str, schema: RefOr<Schema>) {
        // Several values stand in one parameter, with commas between.
        let explode = matches!(schema, RefOr::T(Schema::Array(_))).then_some(false);
        let parameter = ParameterBuilder::new()
            .name(name)
            .explode(explode)
            .parameter_in(place)
            .required(Required::False)
            .description(Some(description))
            .schema(Some(schema))
            .build();
        self.parameters.push(parameter);
    }

    /// It takes a JSON body.
    pub(in crate::api) fn takes<T: ToSchema>(&mut self, required: bool) {
        let content = ContentBuilder::new().schema(Some(self.refer::<T>())).build();
        if let Some(RefOr::T(Schema::OneOf(forms))) = self.schemas.get_mut(T::name().as_ref()) {
            forms.items.iter_mut().for_each(close);
        }
        let required = if required { Required::True } else { Required::False };
        let body = RequestBodyBuilder::new().content("application/json", content).required(Some(required));
        self.body = Some(body.build());
        self.may_fail(&[400, 408, 413, 415, 422]);
    }

    /// It answers with a body of a type.
    pub(in crate::api) fn answers(&mut self, status: u16, description: &str, media: &str, schema: RefOr<Schema>) {
        let content = ContentBuilder::new().schema(Some(schema)).build();
        self.change(status, description, |answer| answer.content(media, content));
    }

    /// It answers without a body.
    pub(in crate::api) fn answers_nothing(&mut self, status: u16, description: &str) {
        self.change(status, description, |answer| answer);
    }

    /// An answer carries a header.
    pub(in crate::api) fn answers_header(&mut self, status: u16, name: &str, description: &str) {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let header = HeaderBuilder::new().schema(Some(text)).description(Some(description)).build();
        self.change(status, "", |answer| answer.header(name, header));
    }

    fn change(&mut self, status: u16, description: &str, change: impl FnOnce(ResponseBuilder) -> ResponseBuilder) {
        let answer = self.answers.remove(&status).unwrap_or_else(|| ResponseBuilder::new().description(description));
        self.answers.insert(status, change(answer));
    }

    /// The operation, and the schemas it refers to. `acts` when it changes something.
    pub(super) fn finish(mut self, id: String, tag: &str, summary: &str, acts: bool) -> (Operation, Schemas) {
        self.may_fail(&[500, 503]);
        if acts && self.scope.is_some() {
            self.may_fail(&[409, 422]);
        }
        let problem = self.refer::<ProblemForm>();
        for status in std::mem::take(&mut self.problems) {
            self.answers(status, meaning(status), "application/problem+json", problem.clone());
        }
        self.challenges();
        let responses: Vec<(String, Response)> =
            self.answers.into_iter().map(|(status, answer)| (status.to_string(), answer.build())).collect();
        let mut operation = OperationBuilder::new()
            .operation_id(Some(id))
            .tag(tag)
            .summary(Some(summary))
            .request_body(self.body)
            .responses(utoipa::openapi::ResponsesBuilder::new().responses_from_iter(responses));
        if !self.parameters.is_empty() {
            operation = operation.parameters(Some(self.parameters));
        }
        operation = match self.scope {
            Some(scope) => {
                let needs = scope.map_or_else(|| "Any token.".to_owned(), |scope| format!("Scope `{scope}`."));
                operation.description(Some(needs)).security(SecurityRequirement::new(BEARER, scope))
            }
            None => operation.description(Some("No token.")).security(SecurityRequirement::default()),
        };
        (operation.build(), self.schemas)
    }

    /// What some problems carry besides their body.
    fn challenges(&mut self) {
        for (status, name, description) in [
            (401, "WWW-Authenticate", "how to ask"),
            (429, "Retry-After", "seconds to wait"),
            (503, "Retry-After", "seconds to wait"),
        ] {
            if self.answers.contains_key(&status) {
                self.answers_header(status, name, description);
            }
        }
    }
}

/// Bodies take nothing unknown; of an enumeration's forms the derived schema does not say so.
fn close(form: &mut RefOr<Schema>) {
    if let RefOr::T(Schema::Object(object)) = form {
        object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
    }
}

/// When an answer with a status comes.
const fn meaning(status: u16) -> &'static str {
    match status {
        400 => "A parameter or the body does not fit; `errors` names the place.",
        401 => "The token is missing, malformed, wrong or no longer counts.",
        403 => "The token has not the scope.",
        404 => "There is no such resource, or it belongs to another operator.",
        408 => "The body came too slowly.",
        409 => "It can't be done as things stand; `type` says why.",
        413 => "The body is too large.",
        415 => "The body is not declared as JSON.",
        422 => "The body fits, but can't be acted on; `errors` names the place.",
        429 => "Too many attempts.",
        503 => "The server is starting, stopping, or has too much to do.",
        _ => "The server failed; `instance` is the number in its log.",
    }
}
