//! Documents of the books in their types.

use serde::de::DeserializeOwned;
use voltapile_platform::book::{Document, from_json};

use crate::core::Core;
use crate::store::{DocumentQuery, Page, PageRequest, StoreError};

/// One document.
pub(super) async fn find<T: Document>(core: &Core, id: &T::Id) -> Result<Option<T>, StoreError> {
    let id = id.to_string();
    let body = core.store.document(T::KIND, id.clone()).await?;
    Ok(body.map(|body| from_json(T::KIND, &id, &body)).transpose()?)
}

/// A page of documents.
pub(super) async fn list<T: Document>(
    core: &Core,
    query: DocumentQuery,
    page: PageRequest,
) -> Result<Page<T>, StoreError> {
    let Page { items, next_cursor } = core.store.documents(T::KIND, query, page).await?;
    let items = items.iter().map(|body| parse(body)).collect::<Result<_, _>>()?;
    Ok(Page { items, next_cursor })
}

/// A document from its JSON.
pub(super) fn parse<T: Document + DeserializeOwned>(body: &str) -> Result<T, StoreError> {
    Ok(from_json(T::KIND, "", body)?)
}
