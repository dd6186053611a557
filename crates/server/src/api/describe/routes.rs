//! Routes, each declared once: address, method, handler, what it is for.

use std::collections::BTreeMap;

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};
use utoipa::openapi::path::{HttpMethod, Operation};

use super::draft::Schemas;
use super::{Described, Draft};
use crate::api::Api;

/// What every address begins with.
pub(in crate::api) const BASE: &str = "/api/v1";

/// Routes of one or more resources.
#[derive(Default)]
pub(in crate::api) struct Routes {
    pub(super) router: Router<Api>,
    pub(super) operations: BTreeMap<String, Vec<(HttpMethod, Operation)>>,
    pub(super) schemas: Schemas,
    pub(super) tags: Vec<(&'static str, &'static str)>,
    /// Names under which two schemas differ: a bug that a test looks for.
    pub(super) clashes: Vec<String>,
}

impl Routes {
    /// Routes of a resource, with a word about it.
    pub(in crate::api) fn of(tag: &'static str, about: &'static str) -> Self {
        Self { tags: vec![(tag, about)], ..Self::default() }
    }

    /// What a GET answers.
    pub(in crate::api) fn get<H, T>(self, path: &str, handler: H, summary: &str) -> Self
    where
        H: Handler<T, Api> + Described<T>,
        T: 'static,
    {
        self.route((HttpMethod::Get, MethodFilter::GET), path, handler, summary)
    }

    /// What a PUT does.
    pub(in crate::api) fn put<H, T>(self, path: &str, handler: H, summary: &str) -> Self
    where
        H: Handler<T, Api> + Described<T>,
        T: 'static,
    {
        self.route((HttpMethod::Put, MethodFilter::PUT), path, handler, summary)
    }

    /// What a POST does.
    pub(in crate::api) fn post<H, T>(self, path: &str, handler: H, summary: &str) -> Self
    where
        H: Handler<T, Api> + Described<T>,
        T: 'static,
    {
        self.route((HttpMethod::Post, MethodFilter::POST), path, handler, summary)
    }

    /// What a DELETE does.
    pub(in crate::api) fn delete<H, T>(self, path: &str, handler: H, summary: &str) -> Self
    where
        H: Handler<T, Api> + Described<T>,
        T: 'static,
    {
        self.route((HttpMethod::Delete, MethodFilter::DELETE), path, handler, summary)
    }

    fn route<H, T>(mut self, method: (HttpMethod, MethodFilter), path: &str, handler: H, summary: &str) -> Self
    where
        H: Handler<T, Api> + Described<T>,
        T: 'static,
    {
        let mut draft = Draft::default();
        H::describe(&mut draft);
        let (tag, _) = self.tags.first().copied().unwrap_or_default();
        let acts = !matches!(method.0, HttpMethod::Get);
        let (operation, schemas) = draft.finish(operation_id::<H>(), tag, summary, acts);
        self.keep(schemas);
        let path = format!("{BASE}{path}");
        self.router = self.router.route(&path, on(method.1, handler));
        self.operations.entry(path).or_default().push((method.0, operation));
        self
    }

    /// These routes and others.
    pub(in crate::api) fn and(mut self, others: Self) -> Self {
        self.router = self.router.merge(others.router);
        for (path, operations) in others.operations {
            self.operations.entry(path).or_default().extend(operations);
        }
        self.keep(others.schemas);
        for tag in others.tags {
            if !self.tags.contains(&tag) {
                self.tags.push(tag);
            }
        }
        self.clashes.extend(others.clashes);
        self
    }

    /// Every address.
    pub(in crate::api) fn addresses(&self) -> Vec<String> {
        self.operations.keys().cloned().collect()
    }

    /// Every address with its methods.
    #[cfg(test)]
    pub(in crate::api) fn methods(&self) -> Vec<(String, String)> {
        let of = |(path, operations): (&String, &Vec<(HttpMethod, Operation)>)| {
            let path = path.clone();
            let name = |method: &HttpMethod| {
                serde_json::to_value(method).ok().and_then(|name| name.as_str().map(str::to_uppercase))
            };
            operations
                .iter()
                .filter_map(|(method, _)| name(method))
                .map(move |method| (method, path.clone()))
                .collect::<Vec<_>>()
        };
        self.operations.iter().flat_map(of).collect()
    }

    /// Names under which two schemas differ.
    #[cfg(test)]
    pub(in crate::api) fn clashes(&self) -> &[String] {
        &self.clashes
    }

    /// The routes for axum.
    pub(in crate::api) fn router(self) -> Router<Api> {
        self.router
    }

    fn keep(&mut self, schemas: Schemas) {
        for (name, schema) in schemas {
            if self.schemas.get(&name).is_some_and(|kept| *kept != schema) {
                self.clashes.push(name.clone());
            }
            self.schemas.insert(name, schema);
        }
    }
}

/// A handler's path below `api`, which never repeats: `orders_list`.
fn operation_id<H>() -> String {
    let path = std::any::type_name::<H>();
    path.rsplit_once("::api::").map_or(path, |(_, path)| path).replace("::", "_")
}
