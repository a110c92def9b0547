// The viewer's own choices: theme and language. Kept by this browser, known to nobody else.
import { effect, html } from "../core/html.js";
import { remembered } from "../core/remember.js";
import { Segmented, Select } from "../kit/kit.js";
import { LANGUAGES, locale, t } from "../words/words.js";

const THEMES = ["auto", "light", "dark"];
const ICONS = { auto: "screen", light: "sun", dark: "moon" };

/** "auto" | "light" | "dark" */
export const theme = remembered("theme", "auto", (value) => THEMES.includes(value));
effect(() => {
  if (theme.value === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
});

export const ThemeSwitch = () => html`<${Segmented}
  label=${t("shell.theme")} value=${theme.value} onValue=${(value) => { theme.value = value; }}
  options=${THEMES.map((value) => ({ value, label: t(`shell.theme.${value}`), icon: ICONS[value], isLabelHidden: true }))}
/>`;

export const LanguageSwitch = () => html`<${Select}
  class="language" label=${t("shell.language")} isLabelHidden value=${locale.value}
  onValue=${(value) => { locale.value = value; }}
  options=${LANGUAGES.map(({ id, name }) => ({ value: id, label: name }))}
/>`;
