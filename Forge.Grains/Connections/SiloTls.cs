using System.Security.Cryptography;
using Forge.Tls;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Configuration;
using Orleans.Connections.Security;

namespace Forge.Grains.Connections;

/// <summary>Has a silo speak TLS with other silos and with clients, if its settings say so.</summary>
internal static partial class SiloTls
{
    public static void Configure(SiloConnectionOptions connections, PeerTlsOptions tls, ILoggerFactory loggers, TimeProvider time)
    {
        if (tls.Mode != PeerTlsMode.Mutual)
        {
            return;
        }

        var logger = loggers.CreateLogger(typeof(SiloTls).FullName!);
        var certificates = new PeerCertificates(
            tls,
            PeerCertificates.SiloUses,
            time,
            (file, exception) => LogNotUsed(logger, file, exception),
            (file, distrust) => LogDistrusted(logger, file, distrust));
        var inbound = OptionsOf(certificates, PeerCertificates.ClientUse, logger);
        var outbound = OptionsOf(certificates, PeerCertificates.ServerUse, logger);
        connections.ConfigureSiloInboundConnection(builder => builder.UseServerTls(inbound));
        connections.ConfigureGatewayInboundConnection(builder => builder.UseServerTls(inbound));
        connections.ConfigureSiloOutboundConnection(builder => builder.UseClientTls(outbound));
    }

    private static TlsOptions OptionsOf(PeerCertificates certificates, Oid peerUse, ILogger logger) => new()
    {
        RemoteCertificateMode = RemoteCertificateMode.RequireCertificate,
        LocalServerCertificateSelector = (_, _) => certificates.Own,
        LocalClientCertificateSelector = (_, _, _, _, _) => certificates.Own,
        RemoteCertificateValidation = (certificate, chain, _) =>
        {
            // Whether the name is that of the address says nothing: silos reach one another by addresses.
            var distrust = certificates.DistrustOf(certificate, chain, peerUse);
            if (distrust is not null)
            {
                LogRefused(logger, certificate.Subject, distrust);
            }

            return distrust is null;
        },
    };

    [LoggerMessage(LogLevel.Error, "The certificate files of {File} have changed and cannot be used; what they were before goes on to be.")]
    private static partial void LogNotUsed(ILogger logger, string file, Exception exception);

    [LoggerMessage(LogLevel.Error, "The certificate of {File}, or what is trusted, has changed, and peers of the same settings would refuse it: {Distrust}.")]
    private static partial void LogDistrusted(ILogger logger, string file, string distrust);

    [LoggerMessage(LogLevel.Warning, "A peer with the certificate {Subject} was refused: {Distrust}.")]
    private static partial void LogRefused(ILogger logger, string subject, string distrust);
}
