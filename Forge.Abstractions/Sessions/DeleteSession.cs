using Forge.Errors;
using Forge.Operations;

namespace Forge.Sessions;

/// <summary>
/// Deletes the session with all it holds, for good; its name stays taken until it is revived, and later calls raise
/// <see cref="SessionDeletedException"/>. At once nothing of it can be read; its rows go in the background. False if nothing
/// was ever saved in it, or it is deleted already.
/// </summary>
[GenerateSerializer, Immutable, Alias("forge.delete-session")]
public sealed record DeleteSession : Change<bool>;
