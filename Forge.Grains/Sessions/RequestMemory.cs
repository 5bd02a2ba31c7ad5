using System.Text.Json;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.Identity;
using Forge.Operations;

namespace Forge.Grains.Sessions;

/// <summary>
/// What is remembered of one change under its request id, so that a repeat is answered as the first was: the digest of the
/// input, and behind it what the answer is made from, as JSON.
/// </summary>
internal sealed class RequestMemory
{
    private readonly SessionAddress _address;
    private readonly ChangeRequest _request;
    private readonly string _kind;
    private readonly IOperation? _operation;
    private readonly string _digest;
    private string? _answer;

    private RequestMemory(SessionAddress address, ChangeRequest request, string kind, IOperation? operation, object input)
    {
        (_address, _request, _kind, _operation) = (address, request, kind, operation);
        _digest = IsWanted ? InputDigest.Of(kind, input) : "";
    }

    /// <summary>The request id; empty if nothing is to be remembered.</summary>
    public Guid Id => _request.Id;

    public bool IsWanted => Id != Guid.Empty;

    /// <summary>True if the request was never sent before, and need not be looked up.</summary>
    public bool IsFirstAttempt => _request.FirstAttempt;

    /// <param name="address">The session.</param>
    /// <param name="input">The change, checked.</param>
    /// <param name="request">Its request, or that of nothing if it is not to be remembered.</param>
    public static RequestMemory Of(SessionAddress address, IOperation input, ChangeRequest request) =>
        new(address, request, input.Name, input, input);

    /// <summary>The same of what is a part of a request.</summary>
    /// <param name="address">The session.</param>
    /// <param name="kind">What it is remembered as, which is the name of no operation.</param>
    /// <param name="input">What a repeat must have the same.</param>
    /// <param name="id">What it is remembered under.</param>
    public static RequestMemory OfPart(SessionAddress address, string kind, object input, Guid id) =>
        new(address, new ChangeRequest(id, FirstAttempt: false), kind, null, input);

    /// <summary>The request to commit with the change; null if nothing is to be remembered.</summary>
    public RememberedRequest? Remember<T>(DateTimeOffset now, T answer) => IsWanted
        ? new RememberedRequest(Id, now.ToMicroseconds(), _kind, _digest + JsonSerializer.Serialize(answer))
        : null;

    /// <summary>Takes what earlier attempts left behind, if there were any.</summary>
    /// <exception cref="RequestConflictException">The id was used with another request.</exception>
    public void Recall(EarlierAttempts earlier)
    {
        if (earlier.Remembered is not [var request])
        {
            throw Conflict("operation");
        }

        Recall(request);
    }

    /// <summary>Takes what was remembered under the id.</summary>
    /// <exception cref="RequestConflictException">It was another request.</exception>
    public void Recall(RememberedRequest request) =>
        _answer = _operation is not null && EarlierRequest.Of(_operation) is { } earlier && request.Kind == earlier.Kind
            ? earlier.AnswerOf(request.Outcome) ?? throw Conflict("argument")
            : request.Kind != _kind ? throw Conflict("operation")
            : request.Outcome.StartsWith(_digest, StringComparison.Ordinal) ? request.Outcome[InputDigest.Length..]
            : throw Conflict("argument");

    /// <summary>The answer that was remembered, once it was recalled.</summary>
    public T Answer<T>() => JsonSerializer.Deserialize<T>(_answer!)!;

    /// <summary>The answer that a request is about to be remembered with.</summary>
    public static T AnswerOf<T>(RememberedRequest request) => JsonSerializer.Deserialize<T>(request.Outcome[InputDigest.Length..])!;

    private RequestConflictException Conflict(string difference) => new(_address, Id, difference);
}
