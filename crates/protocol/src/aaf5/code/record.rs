//! Codes of records of charges.

use crate::wire::codes;

codes! {
    /// Whether the amounts in the answer to a record hold (201, 221).
    AmountsValid {
        0 Invalid "无效" / "invalid",
        1 Valid "有效" / "valid",
    }
    /// How a meter signed its data (V5.0 and later).
    MeterCipher {
        0 Aes128 "AES128" / "AES-128",
        1 Sm1 "SM1" / "SM1",
        2 Sm4 "SM4" / "SM4",
        3 Esam "ESAM" / "ESAM",
        4 Ecc256 "ECC256" / "ECC-256",
        5 Other "其他" / "other",
    }
}
