// The reader of JSON objects serves every body.
global using Forge.Documents.Json;
