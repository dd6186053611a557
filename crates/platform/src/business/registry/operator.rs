//! Operators: put and removed.

use super::{Saved, in_use};
use crate::book::Kind;
use crate::business::{Business, BusinessError, Refusal};
use crate::identity::OperatorId;
use crate::operator::Operator;

/// Characters of an operator's id in T/CEC 102.
const TCEC_ID_LEN: usize = 9;

/// What keeps an operator from being removed.
const BELOW: [Kind; 6] = [Kind::Station, Kind::Pile, Kind::Account, Kind::User, Kind::Token, Kind::Tariff];

impl Business<'_> {
    /// Makes an operator or replaces it.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] when its T/CEC id has not 9 letters and digits; [`Refusal::Conflict`] when another has it.
    pub fn put_operator(&mut self, mut operator: Operator) -> Result<Saved<Operator>, BusinessError> {
        if let Some(id) = &operator.tcec_id {
            if id.len() != TCEC_ID_LEN || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                let detail = format!("an id in T/CEC 102 has {TCEC_ID_LEN} letters and digits");
                return Err(Refusal::Invalid { field: "tcec_id", detail }.into());
            }
            let others: Vec<Operator> = self.books.find("tcec_id", id, 2)?;
            if let Some(other) = others.iter().find(|other| other.id != operator.id) {
                let detail = format!("the operator {} has the T/CEC id {id} already", other.id);
                return Err(Refusal::Conflict { reason: "tcec_id_taken", detail }.into());
            }
        }
        let before: Option<Operator> = self.books.get(&operator.id)?;
        operator.created_at = before.as_ref().map_or(self.now, |before| before.created_at);
        self.books.put(&operator)?;
        Ok(Saved::of(before.is_none(), operator))
    }

    /// Removes an operator that has nothing.
    ///
    /// # Errors
    /// [`Refusal::Conflict`] when it has stations, piles, accounts, users, tokens or tariffs.
    pub fn remove_operator(&mut self, id: &OperatorId) -> Result<Operator, BusinessError> {
        let operator: Operator = self.known("operator", id)?;
        for kind in BELOW {
            if self.any_with(kind, "operator", id.as_str())? {
                return Err(in_use(format!("the operator {id} has {}: remove or move them first", kind.table())));
            }
        }
        self.books.remove(Kind::Operator, id.as_str())?;
        Ok(operator)
    }
}
