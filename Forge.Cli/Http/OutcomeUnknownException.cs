using System.Text.Json;
using Forge.Cli.Hosting;

namespace Forge.Cli.Http;

/// <summary>A change was sent, and nobody can tell if it took effect.</summary>
/// <param name="last">What became of the last attempt.</param>
/// <param name="repeats">What finds out.</param>
internal sealed class OutcomeUnknownException(CliException last, Repeats repeats) : CliException(
    last.Code == ExitCode.Interrupted ? ExitCode.Interrupted : ExitCode.OutcomeUnknown, last.Message, HintOf(repeats), last)
{
    private const string Unknown = "outcome_unknown";

    /// <summary>The problem of the silo if it says so, or one of our own, with the key that finds out.</summary>
    public override string Json
    {
        get
        {
            var key = repeats.Key is { } text ? $",\"idempotencyKey\":{Quote(text)}" : "";
            return InnerException is ProblemException { Problem: Unknown, Json: { } problem }
                ? $"{problem.TrimEnd()[..^1]}{key}}}"
                : $"{{\"code\":\"{Unknown}\",\"detail\":{Quote(Message)}{key}}}";
        }
    }

    private static string HintOf(Repeats repeats) => repeats switch
    {
        { Key: { } key } => $"The change may have taken effect. Give the same command again with --idempotency-key {Shell.Quote(key)} to find out.",
        { AreSafe: true } => "The change may have taken effect. Give the same command again, with the same --id, to find out.",
        _ => "The change may have taken effect. Look at what is there before you try again.",
    };

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
