import { render } from "preact";
import { App } from "./app.js";
import { setTheme, theme } from "./theme.js";

setTheme(theme());
const root = document.getElementById("app")!;
root.textContent = "";
render(<App />, root);
