using System.Collections;
using Forge.Grains.Hosting;
using Forge.Silo.Draining;
using Forge.Silo.Mcp;
using Forge.Silo.Quotas;
using Forge.Silo.Rpc;
using Forge.Silo.Security.Settings;

namespace Forge.Grains.Tests.Operations;

/// <summary>The settings that a silo knows, by the options that they are bound to.</summary>
internal static class SiloSettings
{
    private static readonly Dictionary<string, Type> Sections = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Drain"] = typeof(DrainOptions),
        ["Mcp"] = typeof(McpOptions),
        ["Quotas"] = typeof(QuotaOptions),
        ["Rpc"] = typeof(RpcOptions),
        ["Security"] = typeof(SecurityOptions),
    };

    /// <summary>Whether there is a setting of Forge by this name, as <c>Forge:Drain:Delay</c>, or a section.</summary>
    public static bool Has(string name)
    {
        var parts = name.Split(':');
        if (parts is not ["Forge", .. var path])
        {
            return false;
        }

        var type = typeof(ForgeOptions);
        foreach (var (i, part) in path.Index())
        {
            if (i == 0 && Sections.TryGetValue(part, out var section))
            {
                type = section;
            }
            else if (typeof(IDictionary).IsAssignableFrom(type) || type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IDictionary<,>))
            {
                type = type.GetGenericArguments()[^1];
            }
            else if (type.GetProperty(part, System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.IgnoreCase) is { } property)
            {
                type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            }
            else
            {
                return false;
            }
        }

        return true;
    }
}
