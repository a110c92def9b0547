export default {
  "api.lead": ["This page and the command line use the same API; so may your own scripts, with the admin secret as a bearer token.", "本页面与命令行使用同一套接口；您的脚本也可以用管理密钥作为 Bearer 令牌来调用。"],
  "api.document": ["OpenAPI document", "OpenAPI 文档"],
  "api.search": ["Search routes", "搜索接口"],
  "api.nothing": ["No such route", "没有匹配的接口"],
  "api.parameters": ["Parameters", "参数"],
  "api.body": ["Body", "请求正文"],
  "api.answers": ["Answers", "响应"],
  "api.required": ["required", "必填"],
  "api.in.path": ["in the path", "路径"],
  "api.in.query": ["in the query", "查询"],
  "api.in.header": ["header", "请求头"],
  "api.in.cookie": ["cookie", "Cookie"],
  "api.curl": ["From a shell", "命令行调用"]
};
