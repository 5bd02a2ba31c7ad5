using System.Text.Json;
using Forge.Silo.Rpc;

namespace Forge.Silo.Mcp;

/// <summary>The parameters of an operation that a tool carries out, each as it was sent.</summary>
internal sealed class McpParameters
{
    private readonly Dictionary<string, RpcMember> _members = new(StringComparer.Ordinal);

    /// <summary>True if there is one of this name, and it is no JSON null.</summary>
    public bool Has(string name) => _members.TryGetValue(name, out var member) && member.Type != JsonTokenType.Null;

    /// <summary>Gives one, in the place of another of its name.</summary>
    public McpParameters With(RpcMember member)
    {
        _members[member.Name] = member;
        return this;
    }

    /// <summary>Gives one that is a text.</summary>
    public McpParameters With(string name, string value) =>
        With(new RpcMember(name, JsonTokenType.String, McpJson.Write(writer => writer.WriteStringValue(value))));

    /// <summary>Gives one that is a number.</summary>
    public McpParameters With(string name, long value) =>
        With(new RpcMember(name, JsonTokenType.Number, McpJson.Write(writer => writer.WriteNumberValue(value))));

    /// <summary>Takes one away.</summary>
    public McpParameters Without(string name)
    {
        _members.Remove(name);
        return this;
    }

    /// <summary>All of them in one object.</summary>
    public RpcParams ToParams() => new(
        McpJson.Write(writer =>
        {
            writer.WriteStartObject();
            foreach (var member in _members.Values)
            {
                writer.WritePropertyName(member.Name);
                writer.WriteRawValue(member.Json.Span, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }),
        [.. _members.Values]);
}
