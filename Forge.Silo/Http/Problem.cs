using Forge.Effects;
using Forge.Errors;
using Orleans.Runtime;

namespace Forge.Silo.Http;

/// <summary>How an error is answered: the one place that knows status codes.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Code">The stable name of the kind of error.</param>
/// <param name="Detail">What was wrong, for a person.</param>
/// <param name="Extensions">What was wrong, for a program.</param>
internal sealed record Problem(
    int Status, string Code, string Detail, params (string Name, object? Value)[] Extensions)
{
    /// <summary>When that may be, if it is known; in a second if not.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>True if the same request may succeed later.</summary>
    public bool IsTransient => !Stays && Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable;

    /// <summary>True if no waiting helps: somebody has to do something first.</summary>
    private bool Stays { get; init; }

    /// <summary>The answer to an error; null for one that nobody foresaw.</summary>
    /// <param name="exception">The error.</param>
    /// <param name="changes">True if the request may have changed something.</param>
    public static Problem? From(Exception exception, bool changes) => exception switch
    {
        ForgeException error => From(error),
        ProblemException error => error.Problem,
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } error =>
            new(error.StatusCode, "request_timeout", error.Message),
        UnsupportedBodyException error => new(error.StatusCode, "unsupported_media_type", error.Message, ("field", error.Field)),
        BadHttpRequestException error => new(error.StatusCode, "invalid_request", error.Message),

        // An activation that could not begin rejects its calls with the reason inside.
        OrleansException { InnerException: ForgeException error } => From(error),
        TimeoutException or OrleansMessageRejectionException or ClientNotAvailableException or EnumerationAbortedException
            or OperationCanceledException => changes
                ? new(
                    StatusCodes.Status503ServiceUnavailable, "outcome_unknown",
                    "The session did not answer in time; whether the change took effect is not known.")
                : new(StatusCodes.Status503ServiceUnavailable, "unavailable", "The session did not answer; nothing was changed."),
        _ => null,
    };

    /// <summary>The answer to a request that no route takes.</summary>
    public static Problem FromStatus(int status) => status switch
    {
        StatusCodes.Status404NotFound => new(status, "route_not_found", "There is no such route; /openapi/v1.json lists them."),
        StatusCodes.Status405MethodNotAllowed => new(status, "method_not_allowed", "The route does not know this method."),
        _ => new(status, "invalid_request", "The request cannot be served."),
    };

    private static Problem From(ForgeException error) => error switch
    {
        InvalidRequestException e => Of(e, StatusCodes.Status400BadRequest, ("field", e.Field)),
        OverLimitException e => Of(
            e, StatusCodes.Status413PayloadTooLarge,
            ("field", e.Field), ("limit", e.Limit), ("actual", e.Actual), ("unit", e.Unit)),
        CheckpointNotFoundException { Field: { } field } e => Of(
            e, StatusCodes.Status404NotFound, ("checkpoint", e.Checkpoint), ("field", field)),
        CheckpointNotFoundException e => Of(e, StatusCodes.Status404NotFound, ("checkpoint", e.Checkpoint)),
        BranchNotFoundException e => Of(e, StatusCodes.Status404NotFound, ("branch", e.Branch)),
        SessionNotFoundException e => Of(e, StatusCodes.Status404NotFound),
        SessionDeletedException e => Of(e, StatusCodes.Status410Gone),
        LogPositionExpiredException e => Of(
            e, StatusCodes.Status410Gone, ("position", e.Position), ("oldest", e.Oldest)),
        FeedExpiredException e => Of(e, StatusCodes.Status410Gone),
        FeedLostException e => Of(e, StatusCodes.Status410Gone, ("problem", e.Problem)),
        HistoryRewrittenException e => Of(e, StatusCodes.Status409Conflict, ("position", e.Position), ("problem", e.Problem)),
        SessionExistsException e => Of(e, StatusCodes.Status409Conflict),
        HeadMismatchException e => Of(e, StatusCodes.Status409Conflict, ("expected", e.Expected), ("actual", e.Actual)),
        BaseUnknownException e => Of(e, StatusCodes.Status409Conflict, ("base", e.Base.ToString())),
        StateMismatchException e => Of(
            e, StatusCodes.Status422UnprocessableEntity, ("expected", e.Expected), ("actual", e.Actual)),
        CheckpointRequiredException e => Of(
            e, StatusCodes.Status409Conflict, ("sequence", e.Sequence), ("requiredBy", e.RequiredBy), ("count", e.Count)),
        SessionClaimedException e => Of(
            e, StatusCodes.Status409Conflict, ("epoch", e.Epoch), ("owner", e.Owner), ("until", e.Until?.UtcDateTime)),
        ClaimSupersededException e => Of(
            e, StatusCodes.Status409Conflict, ("epoch", e.Epoch), ("owner", e.Owner), ("until", e.Until?.UtcDateTime)),
        EffectNotFoundException e => Of(e, StatusCodes.Status404NotFound, ("key", e.Key)),
        EffectConflictException e => Of(e, StatusCodes.Status409Conflict, ("key", e.Key), ("field", e.Field)),
        EffectSupersededException e => Of(
            e, StatusCodes.Status409Conflict, ("key", e.Key), ("epoch", e.Epoch), ("status", e.Status.ToName())),
        EffectSettledException e => Of(
            e, StatusCodes.Status409Conflict, ("key", e.Key), ("epoch", e.Epoch), ("status", e.Status.ToName())),
        EffectsAfterException e => Of(
            e, StatusCodes.Status409Conflict,
            ("effectsAfter", e.Unacknowledged.Items.Select(
                effect => new Dictionary<string, string>
                {
                    ["key"] = effect.Key,
                    ["class"] = effect.Class.ToName(),
                    ["status"] = effect.Status.ToName(),
                }).ToArray()),
            ("count", e.Unacknowledged.Count)),
        EffectDamagedException e => Of(e, StatusCodes.Status500InternalServerError, ("key", e.Key), ("problem", e.Problem)),
        RequestConflictException e => Of(
            e, StatusCodes.Status409Conflict, ("requestId", e.RequestId), ("difference", e.Difference)),
        ImportRejectedException e => Of(e, StatusCodes.Status422UnprocessableEntity, ("line", e.Line), ("problem", e.Problem)),
        StateCorruptedException e => Of(
            e, StatusCodes.Status500InternalServerError,
            ("sequence", e.Sequence), ("checkpoint", e.Checkpoint.Value), ("problem", e.Problem)),
        KeyMissingException e => Of(
            e, StatusCodes.Status409Conflict, ("dataKey", e.DataKey), ("destroyed", e.IsDestroyed)),
        BusyException e => Of(e, StatusCodes.Status429TooManyRequests, ("resource", e.Resource)),
        QuotaExceededException e => Of(e, StatusCodes.Status429TooManyRequests, ("quota", e.Quota), ("limit", e.Limit), ("used", e.Used)) with { Stays = true },
        { IsTransient: true } => Of(error, StatusCodes.Status503ServiceUnavailable),
        _ => Of(error, StatusCodes.Status500InternalServerError),
    };

    private static Problem Of(ForgeException error, int status, params (string, object?)[] extensions) =>
        new(status, error.Code, error.Message, extensions);
}
