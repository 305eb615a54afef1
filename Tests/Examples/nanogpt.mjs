// What the JavaScript examples share: one request, and the polling of the status.

const base = process.env.NANOGPT_BASE_URL;
const headers = { 'Content-Type': 'application/json', 'x-api-key': process.env.NANOGPT_API_KEY };

export function submit(params) {
  return fetch(`${base}/api/generate-video`, { method: 'POST', headers, body: JSON.stringify(params) });
}

export async function pollVideoStatus(runId, model) {
  const maxAttempts = 120;
  const delayMs = 1000 * Number(process.env.POLL_SECONDS ?? 5);

  for (let i = 0; i < maxAttempts; i++) {
    const response = await fetch(
      `${base}/api/generate-video/status?runId=${runId}&modelSlug=${model}`, { headers });
    const result = await response.json();

    if (result.data.status === 'COMPLETED') {
      return result.data.output.video.url;
    } else if (result.data.status === 'FAILED') {
      throw new Error(result.data.error || 'Video generation failed');
    }
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
  throw new Error('Video generation timed out');
}
