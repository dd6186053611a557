//! Vehicles: put and removed.

use super::Saved;
use crate::book::Kind;
use crate::business::{Business, BusinessError, Refusal};
use crate::vehicle::Vehicle;

/// Characters of a vehicle identification number.
const VIN_LEN: usize = 17;

/// A vehicle identification number as it is kept: 17 capital letters and digits without I, O and Q (ISO 3779). `None`
/// where a text is none.
#[must_use]
pub fn vin(text: &str) -> Option<String> {
    let text = text.to_ascii_uppercase();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() && !matches!(byte, b'I' | b'O' | b'Q');
    (text.len() == VIN_LEN && text.bytes().all(fits)).then_some(text)
}

impl Business<'_> {
    /// Makes a vehicle or replaces it. Whose it is follows from its account.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] when its number is none or its account does not exist.
    pub fn put_vehicle(&mut self, mut vehicle: Vehicle) -> Result<Saved<Vehicle>, BusinessError> {
        let Some(number) = vin(&vehicle.vin) else {
            let detail = format!("a vin has {VIN_LEN} letters and digits without I, O and Q");
            return Err(Refusal::Invalid { field: "vin", detail }.into());
        };
        vehicle.vin = number;
        vehicle.operator = self.account_must_exist(&vehicle.account)?.operator;
        let before: Option<Vehicle> = self.books.get(&vehicle.vin)?;
        vehicle.created_at = before.as_ref().map_or(self.now, |before| before.created_at);
        self.books.put(&vehicle)?;
        Ok(Saved::of(before.is_none(), vehicle))
    }

    /// Removes a vehicle.
    ///
    /// # Errors
    /// When there is no such vehicle.
    pub fn remove_vehicle(&mut self, vin: &str) -> Result<Vehicle, BusinessError> {
        let vehicle: Vehicle = self.known("vehicle", &vin.to_owned())?;
        self.books.remove(Kind::Vehicle, vin)?;
        Ok(vehicle)
    }
}
