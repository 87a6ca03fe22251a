using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Kameo.Actors.Benchmarks.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Kameo.Actors.Benchmarks.Contenders;

/// <summary>Kestrel with nothing in front of the handler: no routing, no logging, no other middleware.</summary>
internal sealed class Http2Server : IServerPart
{
    /// <summary>As many as may be in flight; Kestrel's default is 100.</summary>
    private const int StreamsMax = 10_000;

    /// <summary>For the connection and each stream; Kestrel's defaults of 1 MiB and 768 KiB could hold 1,000 callers back.</summary>
    private const int WindowBytes = 16 * 1024 * 1024;

    private readonly WebApplication _application;
    private readonly X509Certificate2 _certificate;

    private Http2Server(WebApplication application, X509Certificate2 certificate)
    {
        _application = application;
        _certificate = certificate;
    }

    public int Port => new Uri(_application.Urls.Single()).Port;

    public long Received => 0;

    public static async Task<Http2Server> StartAsync()
    {
        X509Certificate2 certificate = PeerTls.CreateCertificate(PeerKey.Ecdsa);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MinRequestBodyDataRate = null;
            options.Limits.Http2.MaxStreamsPerConnection = StreamsMax;
            options.Limits.Http2.InitialConnectionWindowSize = WindowBytes;
            options.Limits.Http2.InitialStreamWindowSize = WindowBytes;
            options.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = certificate;
                    https.SslProtocols = SslProtocols.Tls13;
                    https.OnAuthenticate = static (_, authentication) => authentication.CipherSuitesPolicy = PeerTls.Suites;
                });
            });
        });
        WebApplication application = builder.Build();
        application.Run(EchoAsync);
        await application.StartAsync();
        return new Http2Server(application, certificate);
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _application.StopAsync(limit.Token);
        await _application.DisposeAsync();
        _certificate.Dispose();
    }

    /// <summary>Answers with the body that it was sent, in one piece.</summary>
    private static async Task EchoAsync(HttpContext context)
    {
        PipeReader body = context.Request.BodyReader;
        ReadResult read = await body.ReadAtLeastAsync((int)context.Request.ContentLength.GetValueOrDefault());
        int length = (int)read.Buffer.Length;
        context.Response.ContentLength = length;
        PipeWriter answer = context.Response.BodyWriter;
        read.Buffer.CopyTo(answer.GetSpan(length));
        answer.Advance(length);
        body.AdvanceTo(read.Buffer.End);
        await answer.FlushAsync();
    }
}
