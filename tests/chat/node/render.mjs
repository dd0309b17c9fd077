// Renders every template of a folder with the chats of a file, and prints the texts as JSON; null where that fails.
import { readFileSync, readdirSync } from "node:fs";
import { Template } from "@huggingface/jinja";

// The date that the texts were made with.
globalThis.Date = class extends Date {
  constructor() {
    super(2024, 6, 6, 5, 4, 3);
  }
};

const [, , folder, file] = process.argv;
const { chats } = JSON.parse(readFileSync(file, "utf8"));
const texts = {};
for (const name of readdirSync(folder).filter((one) => one.endsWith(".jinja"))) {
  const source = readFileSync(`${folder}/${name}`, "utf8");
  texts[name.slice(0, -".jinja".length)] = Object.fromEntries(
    Object.entries(chats).map(([chat, messages]) => [chat, [false, true].map((ask) => render(source, messages, ask))]),
  );
}
console.log(JSON.stringify(texts));

function render(source, messages, ask) {
  try {
    return new Template(source).render({
      messages: messages.map(([role, content]) => ({ role, content })),
      tools: null,
      documents: null,
      add_generation_prompt: ask,
      bos_token: "<bos>",
      eos_token: "<eos>",
    });
  } catch {
    return null;
  }
}
