//! tshark's PDML: what it shows of each packet, with place, bytes and value of every item.

/// An item of a protocol's tree.
#[derive(Debug, Clone, Default)]
pub(crate) struct Item {
    /// Name in filters; no `ykc.…` where there is only a text.
    pub(crate) name: String,
    /// What people see.
    pub(crate) label: String,
    /// First byte, from the packet's begin.
    pub(crate) at: usize,
    /// Bytes.
    pub(crate) size: usize,
    /// Value for filters.
    pub(crate) show: String,
    /// The bytes in hex.
    pub(crate) raw: String,
    /// Items below it.
    pub(crate) children: Vec<Item>,
}

impl Item {
    /// All items below it, at any depth.
    pub(crate) fn all(&self) -> Vec<&Item> {
        let mut items = Vec::new();
        for child in &self.children {
            items.push(child);
            items.extend(child.all());
        }
        items
    }

    /// The value of the item of a name below it.
    pub(crate) fn show(&self, name: &str) -> Option<&str> {
        self.all().into_iter().find(|item| item.name == name).map(|item| item.show.as_str())
    }
}

/// The parts of a protocol in each packet that has any.
pub(crate) fn read(pdml: &str, protocol: &str) -> Vec<Vec<Item>> {
    read_all(pdml, &[protocol])
}

/// The parts of protocols in each packet that has any, in their order.
pub(crate) fn read_all(pdml: &str, protocols: &[&str]) -> Vec<Vec<Item>> {
    let mut packets = Vec::new();
    let mut open: Vec<Item> = Vec::new();
    let mut parts = Vec::new();
    for line in pdml.lines().map(str::trim) {
        if line.starts_with("</packet") && !parts.is_empty() {
            packets.push(std::mem::take(&mut parts));
        } else if line.starts_with("</proto") || line.starts_with("</field") {
            close(&mut open, &mut parts, protocols);
        } else if line.starts_with("<proto") || line.starts_with("<field") {
            open.push(item(line));
            if line.ends_with("/>") {
                close(&mut open, &mut parts, protocols);
            }
        }
    }
    packets
}

fn close(open: &mut Vec<Item>, parts: &mut Vec<Item>, protocols: &[&str]) {
    let item = open.pop().unwrap();
    match open.last_mut() {
        Some(parent) => parent.children.push(item),
        None if protocols.contains(&item.name.as_str()) => parts.push(item),
        None => {}
    }
}

fn item(line: &str) -> Item {
    let text = |name: &str| attribute(line, name).unwrap_or_default();
    let number = |name: &str| text(name).parse().unwrap_or_default();
    Item {
        name: text("name"),
        label: text("showname"),
        at: number("pos"),
        size: number("size"),
        show: text("show"),
        raw: text("value"),
        children: Vec::new(),
    }
}

fn attribute(line: &str, name: &str) -> Option<String> {
    let (_, rest) = line.split_once(&format!(" {name}=\""))?;
    let (text, _) = rest.split_once('"')?;
    let characters = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#x27;", "'"), ("&amp;", "&")];
    Some(characters.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character)))
}
