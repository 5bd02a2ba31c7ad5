const Item = "forge-theme";

export type Theme = "system" | "light" | "dark";

export function theme(): Theme {
    const kept = localStorage.getItem(Item);
    return kept === "light" || kept === "dark" ? kept : "system";
}

/** Has the page drawn in a theme, now and the next time. */
export function setTheme(wanted: Theme): void {
    if (wanted === "system") {
        localStorage.removeItem(Item);
        delete document.documentElement.dataset["theme"];
    } else {
        localStorage.setItem(Item, wanted);
        document.documentElement.dataset["theme"] = wanted;
    }
}

/** The other one than what is seen. */
export function flip(): Theme {
    const seen = theme();
    const isDark = seen === "dark" || (seen === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
    const next = isDark ? "light" : "dark";
    setTheme(next);
    return next;
}
