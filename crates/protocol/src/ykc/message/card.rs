//! Balances and offline cards (V1.6 §8).

use crate::declare::{fields, messages};
use crate::wire::Yuan;
use crate::ykc::code::{BalanceUpdateResult, CardClearFailure, CardPresence, CardSyncFailure, Outcome};
use crate::ykc::field::{ConnectorNumber, LogicalCardNumber, PhysicalCardNumber, PileCode};

fields! {
    /// A card by both its numbers.
    OfflineCard {
        logical_card_number: LogicalCardNumber = "逻辑卡号" / "logical card number",
        physical_card_number: PhysicalCardNumber = "物理卡号" / "physical card number",
    }
    /// What became of a card that was to be cleared.
    ClearedCard {
        physical_card_number: PhysicalCardNumber = "物理卡号" / "physical card number",
        clear_result: Outcome = "清除标记" / "clear result",
        fail_reason: CardClearFailure = "失败原因" / "fail reason",
    }
    /// The same without a reason, as the specification's sample has it.
    ClearedCardShort {
        physical_card_number: PhysicalCardNumber = "物理卡号" / "physical card number",
        clear_result: Outcome = "清除标记" / "clear result",
    }
    /// A card by its physical number.
    CardNumber {
        physical_card_number: PhysicalCardNumber = "物理卡号" / "physical card number",
    }
    /// Whether a pile knows a card.
    FoundCard {
        physical_card_number: PhysicalCardNumber = "物理卡号" / "physical card number",
        query_result: CardPresence = "查询结果" / "query result",
    }
}

messages! {
    /// Answers 0x42.
    BalanceUpdateResponse 0x41 up reply_to 0x42, 16 bytes, "余额更新应答" / "balance update answer",
    about "对 0x42 的应答。" {
        pile_code: PileCode = "桩编号" / "pile code",
        physical_card_number: PhysicalCardNumber = "物理卡号" / "physical card number",
        update_result: BalanceUpdateResult = "修改结果" / "update result",
    }

    /// Tells a charging pile of a top-up.
    BalanceUpdateRequest 0x42 down, 20 bytes, "远程账户余额更新" / "balance update",
    about "用户充值后，把新余额通知正在充电的桩。" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        physical_card_number: PhysicalCardNumber = "物理卡号" / "physical card number",
        new_balance: Yuan<2> = "修改后账户金额" / "new balance",
    }

    /// Answers 0x44.
    OfflineCardSyncResponse 0x43 up reply_to 0x44, 9 bytes, "离线卡数据同步应答" / "offline card sync answer",
    about "对 0x44 的应答。" {
        pile_code: PileCode = "桩编号" / "pile code",
        save_result: Outcome = "保存结果" / "save result",
        fail_reason: CardSyncFailure = "失败原因" / "fail reason",
    }

    /// Stores cards that may charge while the pile is offline.
    OfflineCardSyncRequest 0x44 down, 8 bytes, "离线卡数据同步" / "offline card sync",
    about "向桩下发离线时允许充电的卡。" {
        pile_code: PileCode = "桩编号" / "pile code",
        card_count: u8 = "下发卡个数" / "card count",
        [repeat cards: OfflineCard by card_count, at most 15 = "卡片" / "cards"]
    }

    /// Answers 0x46 with one result byte per card, as the specification's sample does (OQ-20).
    OfflineCardClearResponseShort 0x45 up reply_to 0x46, 7 bytes,
    when "只有结果、没有失败原因" / "results without reasons"
        (|length, _dialect| length > 7 && !(length - 7).is_multiple_of(10) && (length - 7).is_multiple_of(9)),
    "离线卡数据清除应答" / "offline card clear answer without reasons",
    about "对 0x46 的应答，每张卡只有一个结果字节，与规范示例一致（OQ-20）。" {
        pile_code: PileCode = "桩编号" / "pile code",
        [repeat cards: ClearedCardShort, at most 24 = "卡片" / "cards"]
    }

    /// Answers 0x46.
    OfflineCardClearResponse 0x45 up reply_to 0x46, 7 bytes, "离线卡数据清除应答" / "offline card clear answer",
    about "对 0x46 的应答。" {
        pile_code: PileCode = "桩编号" / "pile code",
        [repeat cards: ClearedCard, at most 24 = "卡片" / "cards"]
    }

    /// Removes offline cards.
    OfflineCardClearRequest 0x46 down, 8 bytes, "离线卡数据清除" / "offline card clear",
    about "清除桩内的离线卡。" {
        pile_code: PileCode = "桩编号" / "pile code",
        card_count: u8 = "清除离线卡的个数" / "card count",
        [repeat cards: CardNumber by card_count, at most 24 = "卡片" / "cards"]
    }

    /// Answers 0x48.
    OfflineCardQueryResponse 0x47 up reply_to 0x48, 7 bytes, "离线卡数据查询应答" / "offline card query answer",
    about "对 0x48 的应答。" {
        pile_code: PileCode = "桩编号" / "pile code",
        [repeat cards: FoundCard, at most 26 = "卡片" / "cards"]
    }

    /// Asks which offline cards a pile knows.
    OfflineCardQueryRequest 0x48 down, 8 bytes, "离线卡数据查询" / "offline card query",
    about "查询桩内存有哪些离线卡。" {
        pile_code: PileCode = "桩编号" / "pile code",
        card_count: u8 = "查询的离线卡个数" / "card count",
        [repeat cards: CardNumber by card_count, at most 26 = "卡片" / "cards"]
    }
}
