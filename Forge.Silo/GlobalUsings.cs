// Orleans.Runtime, which the Orleans SDK imports everywhere, has a type of the same name.
global using LimitExceededException = Forge.Errors.LimitExceededException;

// The reader of JSON objects serves every body.
global using Forge.Json;
