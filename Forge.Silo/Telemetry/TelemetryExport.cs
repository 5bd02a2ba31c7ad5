using Forge.Grains.Telemetry;
using Forge.History.Telemetry;
using OpenTelemetry.Exporter;
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

    private const string All = "OTEL_EXPORTER_OTLP_";
    private const string Traces = "OTEL_EXPORTER_OTLP_TRACES_";
    private const string Metrics = "OTEL_EXPORTER_OTLP_METRICS_";
    private const string Endpoint = "ENDPOINT";
    private const string Disabled = "OTEL_SDK_DISABLED";

    /// <summary>Adds what is wanted to a silo.</summary>
    public static ISiloBuilder AddTelemetry(this ISiloBuilder silo, IConfiguration settings)
    {
        var (metrics, traces) = (IsWanted(settings, Metrics), IsWanted(settings, Traces));
        if (!metrics && !traces)
        {
            return silo;
        }

        var telemetry = silo.Services.AddOpenTelemetry().ConfigureResource(
            resource => resource.AddService("forge", serviceVersion: typeof(TelemetryExport).Assembly.GetName().Version?.ToString(3)).AddEnvironmentVariableDetector());
        if (metrics)
        {
            telemetry.WithMetrics(meters => meters.AddMeter([.. Meters]).AddOtlpExporter(exporter => Address(exporter, settings, Metrics)));
        }

        if (traces)
        {
            telemetry.WithTracing(tracing => tracing.AddSource([.. Sources]).AddOtlpExporter(exporter => Address(exporter, settings, Traces)));
            silo.AddActivityPropagation();
        }

        return silo;
    }

    private static bool IsWanted(IConfiguration settings, string signal) =>
        !string.Equals(settings[Disabled], "true", StringComparison.OrdinalIgnoreCase)
        && !(string.IsNullOrEmpty(settings[All + Endpoint]) && string.IsNullOrEmpty(settings[signal + Endpoint]));

    /// <summary>The exporter itself reads what is for all signals; what is for one alone goes before that.</summary>
    private static void Address(OtlpExporterOptions exporter, IConfiguration settings, string signal)
    {
        if (settings[signal + Endpoint] is { Length: > 0 } endpoint)
        {
            exporter.Endpoint = Uri.TryCreate(endpoint, UriKind.Absolute, out var address)
                ? address
                : throw new InvalidOperationException($"{signal + Endpoint} is no address: {endpoint}");
        }

        exporter.Protocol = settings[signal + "PROTOCOL"] switch
        {
            "grpc" => OtlpExportProtocol.Grpc,
            "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
            _ => exporter.Protocol,
        };
        if (settings[signal + "HEADERS"] is { Length: > 0 } headers)
        {
            exporter.Headers = headers;
        }
    }
}
