//! What the documents say that commands print is what they print, word by word.

use std::path::Path;
use std::process::{Command, Stdio};

use super::aaf5::sample::PILE as AAF5_PILE;
use super::replay::{PILE, settled};
use crate::stage::Stage;

/// The documents whose examples are tried.
const DOCUMENTS: [&str; 4] = ["inspector.md", "inspector.zh-CN.md", "captures.md", "captures.zh-CN.md"];
/// Where the examples of `replay` say that the platform listens.
const PLATFORM: &str = "127.0.0.1:8768";

/// An example: the words of a command, and what it prints.
struct Example {
    words: Vec<String>,
    output: String,
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The words of a command line; quotes hold together what stands between them.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('\'').enumerate();
    let words = parts.flat_map(|(part, text)| match part % 2 {
        0 => text.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
        _ => vec![text.to_owned()],
    });
    words.collect()
}

/// The examples of a document, but for pipes.
fn examples(document: &str) -> Vec<Example> {
    let text = std::fs::read_to_string(root().join("docs").join(document)).unwrap();
    let mut examples: Vec<Example> = Vec::new();
    for block in text.split("```").skip(1).step_by(2) {
        let mut lines = block.lines().skip(1).peekable();
        while let Some(command) = lines.next().and_then(|line| line.strip_prefix("$ voltapile ")) {
            let mut output = String::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                output.push_str(line);
                output.push('\n');
            }
            if !command.contains('|') {
                examples.push(Example { words: words(command), output });
            }
        }
    }
    examples
}

/// What a command prints, at the repository's root.
fn printed(words: &[String]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_voltapile"));
    command.args(words).env_remove("LC_ALL").env_remove("LC_MESSAGES").env("LANG", "C").current_dir(root());
    let output = command.stdin(Stdio::null()).output().unwrap();
    String::from_utf8([output.stderr, output.stdout].concat()).unwrap()
}

fn is_replay(example: &Example) -> bool {
    example.words[0] == "replay"
}

#[test]
fn examples_print_what_the_documents_say() {
    let mut tried = 0;
    for document in DOCUMENTS {
        for example in examples(document).iter().filter(|example| !is_replay(example)) {
            assert_eq!(printed(&example.words), example.output, "{document}: {:?}", example.words);
            tried += 1;
        }
    }
    assert!(tried >= 20, "{tried} examples");
}

/// What was printed, but for the answer of now: it has a number that the platform made of its clock.
fn without_answer(output: &str) -> Vec<&str> {
    let is_answer = |line: &&str| ["  now: ", "  现应答："].iter().any(|head| line.starts_with(head));
    let (answers, rest): (Vec<_>, Vec<_>) = output.lines().partition(is_answer);
    assert!(answers.iter().all(|answer| answer.contains("682A070000323201060000010101")), "{answers:?}");
    rest
}

#[test]
fn replays_tell_what_the_documents_say() {
    for document in ["captures.md", "captures.zh-CN.md"] {
        let replays: Vec<Example> = examples(document).into_iter().filter(is_replay).collect();
        assert_eq!(replays.len(), 2, "{document}");
        for replay in replays {
            let stage = Stage::new(&[PILE, AAF5_PILE]);
            let address = stage.server.piles.to_string();
            let words: Vec<String> = replay.words.iter().map(|word| word.replace(PLATFORM, &address)).collect();
            if replay.output.contains("500.00") {
                // What the example shows is a second time, when the account has less money.
                printed(&words);
                settled(&stage, PILE);
            }
            assert_eq!(without_answer(&printed(&words)), without_answer(&replay.output), "{document}");
        }
    }
}
