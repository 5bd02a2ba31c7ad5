import { deltaChannelHistoryTests } from "@langchain/langgraph-checkpoint-validation";
import { newSaver } from "./threads.js";

// The part of LangGraph's own suite that has to be asked for by name.
deltaChannelHistoryTests({ checkpointerName: "forge-langgraph", createCheckpointer: newSaver });
