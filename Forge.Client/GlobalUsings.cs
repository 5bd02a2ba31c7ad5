// Orleans has an error of the same name, and its namespaces are imported everywhere.
global using LimitExceededException = Forge.Errors.LimitExceededException;
