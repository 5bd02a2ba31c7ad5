using System.Text;
using Forge.Errors;

namespace Forge.Silo.Sessions;

/// <summary>Labels as a query names them: the name, a colon and the value. A colon or backslash of a name has a backslash before it.</summary>
internal static class LabelParameters
{
    private const string Field = "label";

    /// <exception cref="InvalidRequestException">One has no colon, or a name comes twice.</exception>
    public static IReadOnlyDictionary<string, string> Parse(IReadOnlyList<string> parameters)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var parameter in parameters)
        {
            var (name, value) = Split(parameter);
            if (!labels.TryAdd(name, value))
            {
                throw new InvalidRequestException(Field, "names a label twice");
            }
        }

        return labels;
    }

    private static (string Name, string Value) Split(string parameter)
    {
        var name = new StringBuilder(parameter.Length);
        for (var i = 0; i < parameter.Length; i++)
        {
            if (parameter[i] == ':')
            {
                return (name.ToString(), parameter[(i + 1)..]);
            }

            if (parameter[i] == '\\' && i + 1 < parameter.Length && parameter[i + 1] is (':' or '\\'))
            {
                i++;
            }

            name.Append(parameter[i]);
        }

        throw new InvalidRequestException(Field, "must be name:value");
    }
}
