namespace Forge.Silo.Security.Settings;

/// <summary>Whether a silo shows the dashboard of Orleans, setting <c>Forge:Dashboard:Enabled</c>; false by default.</summary>
internal static class DashboardSetting
{
    public const string Name = "Forge:Dashboard:Enabled";

    /// <exception cref="InvalidOperationException">It is neither true nor false.</exception>
    public static bool IsOn(IConfiguration configuration) => configuration.GetValue<bool>(Name);
}
