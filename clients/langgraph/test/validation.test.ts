import { deltaChannelHistoryTests, validate } from "@langchain/langgraph-checkpoint-validation";
import { newSaver } from "./threads.js";

const checkpointer = { checkpointerName: "forge-langgraph", createCheckpointer: newSaver };

// LangGraph's own suite, as it stands.
validate(checkpointer);

// The part of it that is asked for by name.
deltaChannelHistoryTests(checkpointer);
