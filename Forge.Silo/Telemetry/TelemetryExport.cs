using Forge.Grains.Telemetry;
using Forge.History.Telemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Forge.Silo.Telemetry;

/// <summary>
/// Sends meters and traces to where OpenTelemetry's own variables say (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and its kin). Without one of them nothing
/// is measured and no call carries a trace.
/// </summary>
internal static class TelemetryExport
{
    /// <summary>The meters that are sent: Forge's own, and those of what it stands on.</summary>
    public static readonly IReadOnlyList<string> Meters =
    [
        HistoryInstruments.Name, GrainInstruments.Name, "Microsoft.Orleans", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Npgsql", "System.Runtime",
    ];

    /// <summary>The activity sources that are sent.</summary>
    public static readonly IReadOnlyList<string> Sources = [HistoryInstruments.Name, "Microsoft.AspNetCore", "Microsoft.Orleans.*", "Npgsql"];

    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string TracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    private const string MetricsEndpoint = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
    private const string Disabled = "OTEL_SDK_DISABLED";

    /// <summary>Adds what is wanted to a silo.</summary>
    public static ISiloBuilder AddTelemetry(this ISiloBuilder silo, IConfiguration settings)
    {
        var (metrics, traces) = (IsWanted(settings, MetricsEndpoint), IsWanted(settings, TracesEndpoint));
        if (!metrics && !traces)
        {
            return silo;
        }

        var telemetry = silo.Services.AddOpenTelemetry().ConfigureResource(
            resource => resource.AddService("forge", serviceVersion: typeof(TelemetryExport).Assembly.GetName().Version?.ToString(3)).AddEnvironmentVariableDetector());
        if (metrics)
        {
            telemetry.WithMetrics(meters => meters.AddMeter([.. Meters]).AddOtlpExporter());
        }

        if (traces)
        {
            telemetry.WithTracing(tracing => tracing.AddSource([.. Sources]).AddOtlpExporter());
            silo.AddActivityPropagation();
        }

        return silo;
    }

    private static bool IsWanted(IConfiguration settings, string own) =>
        !string.Equals(settings[Disabled], "true", StringComparison.OrdinalIgnoreCase)
        && !(string.IsNullOrEmpty(settings[Endpoint]) && string.IsNullOrEmpty(settings[own]));
}
