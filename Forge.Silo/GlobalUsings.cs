// The reader of JSON objects serves every body.
global using Forge.Json;
// Orleans has an error of the same name, and its namespaces are imported everywhere.
global using LimitExceededException = Forge.Errors.LimitExceededException;
