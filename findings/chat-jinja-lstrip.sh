#!/usr/bin/env bash
# @huggingface/jinja 0.5.11 (npm), needs Node 18 and a package registry.
# A chat template that strips line breaks, content.lstrip('\n'), as those of Qwen3 and QwQ do after a thought, is expected to keep
# a space: Python's lstrip, and with it Jinja2, removes the characters it is given. Seen: the argument is ignored, and all white
# space is removed, so that the same template writes another prompt than with Python's transformers.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @huggingface/jinja@0.5.11 >/dev/null
echo "node $(node --version), @huggingface/jinja $(node -p 'require("./node_modules/@huggingface/jinja/package.json").version')"
cat >show.mjs <<'SCRIPT'
import { Template } from "@huggingface/jinja";
const source = "[{{ message.content.split('</think>')[-1].lstrip('\\n') }}]";
console.log(new Template(source).render({ message: { content: "<think>\nhm\n</think>\n\n Yes" } }));
SCRIPT
found=$(node show.mjs)
echo "rendered: $found; Jinja2 3.1.6 renders: [ Yes]"
if [ "$found" != "[Yes]" ]; then
    echo "The behaviour has changed."
    exit 1
fi
