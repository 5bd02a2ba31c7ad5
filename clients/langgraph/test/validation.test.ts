import { validate } from "@langchain/langgraph-checkpoint-validation";
import { newSaver } from "./threads.js";

// LangGraph's own suite, as it stands.
validate({ checkpointerName: "forge-langgraph", createCheckpointer: newSaver });
