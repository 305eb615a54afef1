// Image to video, with the image in base 64 or by its URL.
// Usage: node image_to_video.mjs IMAGE.jpg|URL PROMPT
import { readFile } from 'node:fs/promises';
import { pollVideoStatus, submit } from './nanogpt.mjs';

// 1. Convert the image to base 64
async function imageToBase64(path) {
  return `data:image/jpeg;base64,${(await readFile(path)).toString('base64')}`;
}

// 2. Submit
async function generateVideo(media, prompt) {
  const response = await submit({
    model: 'kling-v21-pro',
    prompt,
    ...media,
    duration: '5',
    aspect_ratio: '16:9',
  });
  const result = await response.json();
  console.log('Video generation started:', result.runId);

  // 3. Poll for completion
  return pollVideoStatus(result.runId, result.model);
}

const [source, prompt] = process.argv.slice(2);
const media = source.startsWith('https://')
  ? { imageUrl: source }
  : { imageDataUrl: await imageToBase64(source) };
console.log('Video ready:', await generateVideo(media, prompt));
