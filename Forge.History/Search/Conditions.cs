using Forge.History.Sql;

namespace Forge.History.Search;

/// <summary>Conditions that hold together, with the arguments that they name.</summary>
internal sealed class Conditions
{
    private readonly List<string> _texts = [];
    private readonly List<SqlArgument> _arguments = [];

    public IEnumerable<SqlArgument> Arguments => _arguments;

    /// <summary>The conditions; one that always holds if there are none.</summary>
    public string Text => _texts.Count == 0 ? "1 = 1" : string.Join(" AND ", _texts);

    /// <summary>Adds a condition, and arguments that no other one has given.</summary>
    public Conditions And(string condition, params ReadOnlySpan<SqlArgument> arguments)
    {
        _texts.Add(condition);
        foreach (var argument in arguments)
        {
            _arguments.Add(argument);
        }

        return this;
    }
}
