using Forge.Tls;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Configuration;
using Orleans.Connections.Security;

namespace Forge.Client.Connections;

/// <summary>Has a client speak TLS with the silos, if its settings say so.</summary>
internal static partial class ClientTls
{
    public static void Configure(ClientConnectionOptions connections, PeerTlsOptions tls, ILoggerFactory loggers, TimeProvider time)
    {
        if (tls.Mode != PeerTlsMode.Mutual)
        {
            return;
        }

        var logger = loggers.CreateLogger(typeof(ClientTls).FullName!);
        var certificates = new PeerCertificates(
            tls,
            PeerCertificates.ClientUses,
            time,
            (file, exception) => LogNotUsed(logger, file, exception),
            (file, distrust) => LogDistrusted(logger, file, distrust));
        var options = new TlsOptions
        {
            RemoteCertificateMode = RemoteCertificateMode.RequireCertificate,
            LocalClientCertificateSelector = (_, _, _, _, _) => certificates.Own,
            RemoteCertificateValidation = (certificate, chain, _) =>
            {
                // Whether the name is that of the address says nothing: silos are reached by addresses.
                var distrust = certificates.DistrustOf(certificate, chain, PeerCertificates.ServerUse);
                if (distrust is not null)
                {
                    LogRefused(logger, certificate.Subject, distrust);
                }

                return distrust is null;
            },
        };
        connections.ConfigureConnection(builder => builder.UseClientTls(options));
    }

    [LoggerMessage(LogLevel.Error, "The certificate files of {File} have changed and cannot be used; what they were before goes on to be.")]
    private static partial void LogNotUsed(ILogger logger, string file, Exception exception);

    [LoggerMessage(LogLevel.Error, "The certificate of {File}, or what is trusted, has changed, and peers of the same settings would refuse it: {Distrust}.")]
    private static partial void LogDistrusted(ILogger logger, string file, string distrust);

    [LoggerMessage(LogLevel.Warning, "A silo with the certificate {Subject} was refused: {Distrust}.")]
    private static partial void LogRefused(ILogger logger, string subject, string distrust);
}
