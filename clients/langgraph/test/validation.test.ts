import { deltaChannelHistoryTests, validate } from "@langchain/langgraph-checkpoint-validation";
import { newSaver } from "./threads.js";

const initializer = { checkpointerName: "forge-langgraph", createCheckpointer: newSaver };

// LangGraph's own suite, as it stands.
validate(initializer);

// The part of it that has to be asked for by name.
deltaChannelHistoryTests(initializer);
