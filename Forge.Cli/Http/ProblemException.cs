using System.Net;
using System.Text.Json;
using Forge.Cli.Hosting;

namespace Forge.Cli.Http;

/// <summary>The silo refused a call, and said why.</summary>
internal sealed class ProblemException : CliException
{
    private readonly JsonElement? _problem;

    private ProblemException(HttpStatusCode status, string code, string message, string? hint, JsonElement? problem)
        : base(IsLasting(code, problem) ? ExitCode.Refused : CodeOf(status, code), message, hint)
    {
        Status = status;
        Problem = code;
        _problem = problem;
    }

    /// <summary>The status of the answer.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>The stable code of the problem; empty if the answer has none.</summary>
    public string Problem { get; }

    /// <summary>True if something before the silo says that it heard nothing of it: whatever was sent may have come there.</summary>
    public bool IsOfAGateway => Problem.Length == 0 && Status is (HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout);

    public override string? Json => _problem?.GetRawText();

    /// <summary>Reads the body of an answer that is no success.</summary>
    public static ProblemException Of(HttpStatusCode status, ReadOnlySpan<byte> body)
    {
        if (TryParse(body) is not { } problem)
        {
            return new ProblemException(
                status, "", $"The answer is {(int)status} ({status}), with nothing that says why.",
                "Is this the address of a silo of Forge? See `forge login --list`.", null);
        }

        var code = Text(problem, "code") ?? "";
        return new ProblemException(
            status, code, $"{Text(problem, "detail") ?? Text(problem, "title") ?? status.ToString()} ({code})", HintOf(code, problem), problem);
    }

    private static JsonElement? TryParse(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            return JsonDocument.TryParseValue(ref reader, out var document) && document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement
                : null;
        }
        catch (JsonException)
        {
            // Whatever answered, it does not speak our words.
            return null;
        }
    }

    private static string? Text(JsonElement problem, string name) =>
        problem.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A quota of what a tenant has, which tells how much that is; those of rates are free again by themselves.</summary>
    private static bool IsLasting(string code, JsonElement? problem) =>
        code == "quota_exceeded" && problem is { } told && told.TryGetProperty("used", out _);

    private static ExitCode CodeOf(HttpStatusCode status, string code) => (status, code) switch
    {
        (_, "outcome_unknown") => ExitCode.OutcomeUnknown,
        (HttpStatusCode.BadRequest, _) => ExitCode.Usage,
        (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, _) => ExitCode.Refused,
        (HttpStatusCode.NotFound or HttpStatusCode.Gone, _) => ExitCode.NotFound,
        (HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed, _) => ExitCode.Conflict,
        (HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnsupportedMediaType or HttpStatusCode.UnprocessableEntity, _) => ExitCode.NotTaken,
        (HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout, "") => ExitCode.Unavailable,
        (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable, _) => ExitCode.Unavailable,
        _ => ExitCode.Failed,
    };

    private static string? HintOf(string code, JsonElement problem) => code switch
    {
        "session_not_found" => "`forge session list` shows which sessions there are.",
        "checkpoint_not_found" => "`forge checkpoint list SESSION` shows which checkpoints there are.",
        "branch_not_found" => "`forge session branches SESSION` shows which branches there are.",
        "effect_not_found" => "`forge session effects SESSION` shows which effects there are.",
        "session_deleted" => "`forge session revive SESSION` lets its name live again, empty.",
        "session_exists" => "Name another session.",
        "claimed" => $"{HolderOf(problem)} has it. Give the claim's --epoch, or take the session over with `forge session claim SESSION --owner NAME`.",
        "superseded" => "The claim of this epoch is over; `forge session claim SESSION` shows the present one.",
        "head_mismatch" => "Look at what came since with `forge session timeline SESSION`, then give the head that is there now.",
        "required" => "Delete those that require it first.",
        "effects_after" => "`forge session effects SESSION` shows them; name each with --acknowledge KEY to go on in spite of it.",
        "effect_superseded" or "effect_settled" => "`forge session effects SESSION KEY` shows how it stands.",
        "request_conflict" => "The idempotency key was used for something else; leave it out, or give a new one.",
        "position_expired" => $"The log is not kept so far back; go on after {Text(problem, "oldest") ?? Number(problem, "oldest")}.",
        "feed_expired" or "feed_lost" => "Read the sessions as they are, and go on without --after.",
        "quota_exceeded" when IsLasting(code, problem) => "No waiting helps. Deleting sessions or checkpoints makes room.",
        "unauthenticated" => "Give a key with `forge login`, FORGE_KEY or --key @FILE.",
        "forbidden" => "`forge tenant whoami` shows what the key may do; ask for one with the scope that is wanted.",
        "busy" or "unavailable" or "session_moved" => "Nothing was changed. Try again, or wait longer with --wait SECONDS.",
        "outcome_unknown" => "The change may have taken effect. Give the same command again with the same --idempotency-key to find out.",
        "route_not_found" => "The silo may be of a version that does not have this.",
        "state_corrupted" => "`forge session verify SESSION` tells what is damaged; its neighbours can still be read.",
        _ => null,
    };

    private static string HolderOf(JsonElement problem) => Text(problem, "owner") is { } owner ? $"'{owner}'" : "Somebody";

    private static string Number(JsonElement problem, string name) =>
        problem.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetRawText() : "the oldest position";
}
