export default {
  "about.what": ["Lets OpenAI, Anthropic and Google Gemini clients use your own GitHub Copilot subscription.", "让 OpenAI、Anthropic 和 Google Gemini 客户端使用您自己的 GitHub Copilot 订阅。"],
  "about.unofficial": ["Unofficial", "非官方"],
  "about.notice": ["This is an independent project. It is not made, endorsed or supported by GitHub or Microsoft. Use your own subscription, within its terms; heavy automated use may lead GitHub to restrict an account.", "这是独立项目，并非由 GitHub 或 Microsoft 制作、认可或支持。请使用您自己的订阅并遵守其条款；大量自动化使用可能导致 GitHub 限制账号。"],
  "about.address": ["Address", "地址"],
  "about.started": ["Started", "启动于"],
  "about.data": ["Data directory", "数据目录"],
  "about.python": ["Python", "Python"],
  "about.platform": ["Platform", "平台"],
  "about.license": ["Licence", "许可证"],
  "about.source": ["Source code", "源代码"],
  "about.repository": ["Repository", "代码仓库"],
  "about.trouble": ["When something does not work", "遇到问题时"],
  "about.troubleHint": ["Checks accounts, network and configuration, and says what to do.", "检查账号、网络和配置，并给出处理建议。"],
  "about.command": ["Command", "命令"],
  "about.parts": ["Made with", "使用的组件"],
  "about.partsHint": ["Preact, htm, Preact Signals and uPlot are part of this page.", "本页面包含 Preact、htm、Preact Signals 和 uPlot。"],
  "about.licenses": ["Their licences", "查看其许可证"]
};
