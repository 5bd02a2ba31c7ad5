using System.Security.Claims;
using Forge.Errors;
using Forge.Silo.Rpc;

namespace Forge.Silo.Mcp;

/// <summary>
/// The request that is being served, as it came. The library reads it into objects and writes it anew, and a state among the arguments
/// would not be the bytes that were sent any more.
/// </summary>
internal sealed class McpRequest
{
    /// <summary>More than any tool has.</summary>
    private const int MaxArguments = 64;

    private static readonly byte[] Nothing = "{}"u8.ToArray();

    private ReadOnlyMemory<byte> _message;

    /// <summary>Who calls.</summary>
    public ClaimsPrincipal User { get; private set; } = new();

    /// <summary>Says what came.</summary>
    public void Begin(ReadOnlyMemory<byte> message, ClaimsPrincipal user) => (_message, User) = (message, user);

    /// <summary>The arguments of the tool that is called.</summary>
    /// <exception cref="InvalidRequestException">They are no object, or have a name twice.</exception>
    /// <exception cref="OverLimitException">There are more than any tool has.</exception>
    public RpcParams Arguments()
    {
        var envelope = RpcEnvelope.Read(_message);
        if (envelope.Refusal is { Problem: var problem })
        {
            throw new InvalidRequestException("message", $"cannot be carried out: {problem.Detail.TrimEnd('.')}");
        }

        var given = envelope.Members.FirstOrDefault(member => member.Name == "arguments").Json;
        return RpcParams.Read(given.IsEmpty || given.Span.SequenceEqual("null"u8) ? Nothing : given, MaxArguments);
    }
}
