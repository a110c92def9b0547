// All parts of the page in one import: import { Button, Card } from "../../kit/kit.js";
export { Button, CopyButton, CopyStatus, copyText, ExternalLink, IconButton } from "./button.js";
export { confirm, ConfirmHost, Dialog } from "./dialog.js";
export { AdminName, Check, Field, Form, NumberField, SearchField, SecretField, Segmented, Select, TextArea, TextField, Toggle } from "./field.js";
export { Icon } from "./icons.js";
export { InlineEdit } from "./inline.js";
export { Menu, Pager, Tabs } from "./menu.js";
export {
  Avatar, Badge, Bar, Card, Code, Disclosure, Dot, EmptyState, ErrorNote, Facts, Loaded, Notice, Page, Skeleton, When,
} from "./surface.js";
export { SortableList, Table } from "./table.js";
export { ToastHost } from "./toast.js";
