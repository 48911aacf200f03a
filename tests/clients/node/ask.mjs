import { BedrockRuntimeClient, InvokeModelWithBidirectionalStreamCommand } from "@aws-sdk/client-bedrock-runtime";

const FORM = { mediaType: "audio/lpcm", sampleSizeBits: 16, channelCount: 1, encoding: "base64", audioType: "SPEECH" };
const SILENCE = Buffer.alloc(1024).toString("base64"); // 32 ms of PCM s16le, mono, 16 kHz
const audio = { promptName: "p", contentName: "audio" };
let end;
const answered = new Promise((resolve) => (end = resolve));

const event = (name, body) => {
  return { chunk: { bytes: new TextEncoder().encode(JSON.stringify({ event: { [name]: body } })) } };
};

function* text(contentName, role, content) {
  const where = { promptName: "p", contentName };
  yield event("contentStart", { ...where, type: "TEXT", role, interactive: role === "USER" });
  yield event("textInput", { ...where, content });
  yield event("contentEnd", where);
}

async function* question() {
  const audioOutputConfiguration = { ...FORM, sampleRateHertz: 24000, voiceId: "tiffany" };
  const audioInputConfiguration = { ...FORM, sampleRateHertz: 16000 };
  yield event("sessionStart", { inferenceConfiguration: { maxTokens: 1024 } });
  yield event("promptStart", { promptName: "p", audioOutputConfiguration });
  yield* text("system", "SYSTEM", "You are helpful.");
  yield event("contentStart", { ...audio, type: "AUDIO", role: "USER", interactive: true, audioInputConfiguration });
  yield* text("question", "USER", "Hello there.");
  for (let n = 0; n < 10; n++) yield event("audioInput", { ...audio, content: SILENCE });
  await answered;
  yield event("contentEnd", audio);
  yield event("promptEnd", { promptName: "p" });
  yield event("sessionEnd", {});
}

const response = await new BedrockRuntimeClient().send(
  new InvokeModelWithBidirectionalStreamCommand({ modelId: "amazon.nova-2-sonic-v1:0", body: question() }),
);
for await (const { chunk } of response.body) {
  const [[name, body]] = Object.entries(JSON.parse(new TextDecoder().decode(chunk.bytes)).event);
  if (name === "textOutput") console.log(body.content);
  if (name === "contentEnd" && body.type === "AUDIO" && body.stopReason === "END_TURN") end();
}
