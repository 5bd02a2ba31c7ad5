namespace Forge.Cli.Replay;

/// <summary>The replay cannot begin or go on; the message is for the person who started it.</summary>
internal sealed class ReplayException(string message, Exception? innerException = null) : Exception(message, innerException);
