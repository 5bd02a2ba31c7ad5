import type { BaseCheckpointSaver } from "@langchain/langgraph-checkpoint";

/** What LangGraph names a thread, namespace and checkpoint by; said by way of the base class, so that this needs no other package. */
export type RunnableConfig = Parameters<BaseCheckpointSaver["getTuple"]>[0];
