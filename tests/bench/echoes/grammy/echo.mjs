// A bare grammY echo with its defaults. Arguments: API, token.
import { Bot } from "grammy";

const [api, token] = process.argv.slice(2);
const bot = new Bot(token, { client: { apiRoot: api } });

bot.on("message:text", (ctx) => ctx.reply(ctx.message.text));
process.once("SIGTERM", () => bot.stop());
await bot.start();
